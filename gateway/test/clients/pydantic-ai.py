"""One run of a pydantic-ai agent with two tools. In: one JSON object on standard input. Out: one JSON object."""

import asyncio
import json
import sys

from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider


def open_model(wire: str, url: str, key: str, name: str):
    if wire == "messages":
        client = AsyncAnthropic(base_url=url, api_key=key, max_retries=0)
        return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=client))
    client = AsyncOpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    kind = OpenAIChatModel if wire == "chat" else OpenAIResponsesModel
    return kind(name, provider=OpenAIProvider(openai_client=client))


async def main() -> dict:
    asked = json.load(sys.stdin)
    agent = Agent(open_model(asked["wire"], asked["url"], asked["key"], asked["model"]), retries=0)
    ran: list[dict] = []

    @agent.tool_plain
    def weather(city: str, days: list[int] | None = None) -> str:
        """The weather of a city"""
        ran.append({"name": "weather", "city": city, "days": days})
        return f"sunny in {city}"

    @agent.tool_plain
    def clock() -> str:
        """What time it is"""
        ran.append({"name": "clock"})
        return "noon"

    async def read_events(_context, events) -> None:
        async for _ in events:
            pass

    try:
        # With a reader of events every answer is asked for as a stream.
        run = await agent.run(asked["prompt"], event_stream_handler=read_events if asked["stream"] else None)
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}", "ran": ran}
    usage = run.usage
    return {"output": run.output, "ran": ran, "input": usage.input_tokens, "answered": usage.output_tokens}


print(json.dumps(asyncio.run(main())))

/** Keys by the shapes that their issuers give them, tokens, and private keys. */
import type { Detector } from './finding.ts'

const shapes = [
  // Anthropic, OpenAI (also project, service and admin keys), OpenRouter, DeepSeek and others, and Sinew's own.
  'sk-[A-Za-z0-9_-]{20,400}',
  // Stripe and its signing secrets
  '(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,200}',
  'whsec_[A-Za-z0-9+/]{24,100}',
  // AWS, Google, Azure DevOps
  '(?:AKIA|ASIA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{16}',
  'AIza[A-Za-z0-9_-]{35}',
  'ya29\\.[A-Za-z0-9_-]{20,400}',
  'GOCSPX-[A-Za-z0-9_-]{20,60}',
  // Hugging Face, Groq, xAI, Replicate, Perplexity, Cerebras, Fireworks, Together
  'hf_[A-Za-z0-9]{30,80}',
  'gsk_[A-Za-z0-9]{40,100}',
  'xai-[A-Za-z0-9]{40,120}',
  'r8_[A-Za-z0-9]{30,60}',
  'pplx-[A-Za-z0-9]{40,80}',
  'csk-[a-z0-9]{40,80}',
  'fw_[A-Za-z0-9]{20,60}',
  'tgp_v1_[A-Za-z0-9_-]{30,80}',
  // GitHub, GitLab, npm, PyPI, Docker, DigitalOcean, Shopify, Sendgrid, Slack, Linear, Notion, Databricks, Vault,
  // Telegram
  'gh[pousr]_[A-Za-z0-9]{36,255}',
  'github_pat_[A-Za-z0-9_]{22,255}',
  'glpat-[A-Za-z0-9_-]{20,100}',
  'npm_[A-Za-z0-9]{36}',
  'pypi-[A-Za-z0-9_-]{50,400}',
  'dckr_pat_[A-Za-z0-9_-]{20,60}',
  'do[opr]_v1_[a-f0-9]{64}',
  'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}',
  'SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{30,64}',
  'xox[abeoprs]-[A-Za-z0-9-]{10,250}',
  'xapp-[A-Za-z0-9-]{20,250}',
  'lin_api_[A-Za-z0-9]{32,64}',
  '(?:secret|ntn)_[A-Za-z0-9]{40,60}',
  'dapi[a-f0-9]{32}',
  'hv[sb]\\.[A-Za-z0-9_-]{24,300}',
  '\\d{8,10}:AA[A-Za-z0-9_-]{33}',
]

export const keys: Detector = { kind: 'key', pattern: new RegExp(`(?<![A-Za-z0-9_-])(?:${shapes.join('|')})`, 'g') }

/** Three parts in base64url, the first of which begins as `{"`; the signature may be missing. */
export const jwts: Detector = {
  kind: 'jwt',
  pattern: /(?<![A-Za-z0-9_.-])eyJ[A-Za-z0-9_-]{6,8192}\.eyJ[A-Za-z0-9_-]{4,16384}(?:\.[A-Za-z0-9_-]{0,2048})?/g,
}

/** With its end mark, or as far as its characters go; line ends may be written out as `\n`, as in JSON. */
export const privateKeys: Detector = {
  kind: 'private_key',
  pattern: /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s\\:,-]{0,32768}/g,
  endOf: (match) => {
    const end = /-----END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/.exec(match)
    return end === null ? match.length : end.index + end[0].length
  },
}

/**
 * Signature Version 4 against AWS's published test suite, and against a second implementation written from its
 * specification.
 */
import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createAwsSigner, isAccessKey, regionOf } from '../../providers/aws-signature.ts'
import { bedrock } from '../../providers/kinds/bedrock.ts'

const access = 'AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const place = { base: '', host: 'bedrock-runtime.eu-central-1.amazonaws.com', apiVersion: null }

const toObject = (flat: string[]): Record<string, string> =>
  Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] as string]] : [])))

// https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html, kept in aws-c-auth and in the SDKs:
// us-east-1, service "service".
describe('signs as the published suite does', () => {
  const date = new Date('2015-08-30T12:36:00Z')
  test.each([
    [
      'get-vanilla',
      'GET',
      'https://example.amazonaws.com/',
      [],
      '',
      'host;x-amz-date',
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      'https://example.amazonaws.com/?Param2=value2&Param1=value1',
      [],
      '',
      'host;x-amz-date',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'post-vanilla',
      'POST',
      'https://example.amazonaws.com/',
      [],
      '',
      'host;x-amz-date',
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'post-x-www-form-urlencoded',
      'POST',
      'https://example.amazonaws.com/',
      ['Content-Type', 'application/x-www-form-urlencoded'],
      'Param1=value1',
      'content-type;host;x-amz-date',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ])('%s', async (_, method, url, headers, body, names, signature) => {
    const sign = createAwsSigner(access, 'example.us-east-1.amazonaws.com', 'service', () => date)
    const signed = toObject(await sign({ method, url: new URL(url), headers, body: Buffer.from(body) }))
    expect(signed['x-amz-date']).toBe('20150830T123600Z')
    expect(signed.authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
    )
  })
})

const hash = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')
const keyed = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, step by step. */
function signAgain(path: string, headers: Record<string, string>, body: Buffer, secret: string, scope: string): string {
  const names = Object.keys(headers).sort()
  // The path's escapes are escaped again, for every service but S3.
  const canonicalPath = path
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/')
  const canonical = [
    'POST',
    canonicalPath,
    '',
    ...names.map((name) => `${name}:${headers[name]?.trim()}`),
    '',
    names.join(';'),
    hash(body),
  ].join('\n')
  const [day = '', region = '', service = ''] = scope.split('/')
  const key = keyed(keyed(keyed(keyed(`AWS4${secret}`, day), region), service), 'aws4_request')
  return keyed(key, ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash(canonical)].join('\n')).toString('hex')
}

test('a call of Claude on Bedrock is signed as a second implementation signs it: escaped model name, session token, only headers that no proxy changes', async () => {
  const date = new Date('2026-03-01T10:20:30Z')
  const sign = createAwsSigner(`${access}:token/with+signs==`, place.host, 'bedrock', () => date)
  const path = bedrock.toPath(
    { wire: 'messages', model: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', stream: true },
    place,
  )
  expect(path).toBe('/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream')
  const body = Buffer.from('{"anthropic_version":"bedrock-2023-05-31","max_tokens":1,"messages":[]}')
  const signed = toObject(
    await sign({
      method: 'POST',
      url: new URL(`https://${place.host}${path}`),
      headers: ['Content-Type', 'application/json', 'user-agent', 'x'],
      body,
    }),
  )
  const covered = {
    host: place.host,
    'content-type': 'application/json',
    'x-amz-date': '20260301T102030Z',
    'x-amz-security-token': 'token/with+signs==',
  }
  expect(signed).toMatchObject({
    'x-amz-date': covered['x-amz-date'],
    'x-amz-security-token': covered['x-amz-security-token'],
  })
  const scope = '20260301/eu-central-1/bedrock/aws4_request'
  const signature = signAgain(path, covered, body, 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', scope)
  expect(signed.authorization).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=${signature}`,
  )
})

test('an access key signs, a Bedrock API key is a bearer, and neither is both', () => {
  expect(isAccessKey(access)).toBe(true)
  expect(bedrock.toCredentials(access, 'messages', place)).toEqual([])
  expect(bedrock.createSigner?.(access, place)).toBeTypeOf('function')
  for (const key of ['ABSKQmVkcm9ja0FQSUtleS1hYmM=', 'bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29tLz9BY3Rpb24']) {
    expect(bedrock.toCredentials(key, 'messages', place)).toEqual(['authorization', `Bearer ${key}`])
    expect(bedrock.createSigner?.(key, place)).toBeNull()
  }
})

test.each([
  ['bedrock-runtime.us-east-1.amazonaws.com', 'us-east-1'],
  ['bedrock-runtime-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
  ['bedrock-runtime.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['bedrock-mantle.ap-southeast-3.api.aws', 'ap-southeast-3'],
  ['vpce-0a1b-2c3d.bedrock-runtime.eu-west-1.vpce.amazonaws.com', 'eu-west-1'],
  ['proxy.example.com:8443', 'us-east-1'],
])('the region of %s is %s', (host, region) => expect(regionOf(host)).toBe(region))

// HTTP: makes rooms, serves the page and its files, says whether the server is well. WebSockets are
// socket-gate's.
import { fastify } from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { CHALLENGE, decodeBase64url, roomRequest, ROOMS_PATH } from '@knothole/wire'
import type { PageConfig, RoomAnswer } from '@knothole/wire'
import { safeParse } from 'valibot'
import type { RoomMaker, RoomStore } from '../../core/index.ts'
import { clientOriginOf } from './client-origin.ts'
import type { ClientOrigin, ProxyTrust } from './client-origin.ts'
import { chooseRepresentation, matchesEtag } from './encoded-body.ts'
import type { EncodedBody } from './encoded-body.ts'
import { NO_PAGE_TEXT, NOT_FOUND_TEXT, sendError } from './http-answers.ts'
import { addJoinAhead, issueChallenge } from './join-ahead.ts'
import type { JoinAheadOptions } from './join-ahead.ts'
import type { Logger } from '../logger.ts'
import type { Page } from './page.ts'
import { parsePublicHost } from './public-host.ts'
import type { PublicHost } from './public-host.ts'
import {
  commonHeaders,
  pagePolicy,
  sharingHeaders,
  WORKER_PATH,
  WORKER_POLICY,
} from './security-headers.ts'
import type { StaticFile } from './static-files.ts'

export interface HttpOptions extends JoinAheadOptions {
  readonly url: URL | undefined
  readonly trustProxy: ProxyTrust
  /** Other rendezvous, whose page may make rooms here. */
  readonly also: readonly URL[]
  readonly maker: RoomMaker
  readonly store: RoomStore
  readonly page: Page | undefined
  readonly files: ReadonlyMap<string, StaticFile>
  readonly configFor: (host: PublicHost) => PageConfig
  readonly version: string
  readonly logger: Logger
}

/** `{"admissionKey":"…"}` is 63 bytes; the rest is for white space. */
const MAX_BODY_BYTES = 1024

/** A whole request, headers and body; both fit a few packets. */
const REQUEST_TIMEOUT_MS = 10_000

/** How exactly the request timeout is kept; Node's own is 30 s. */
const TIMEOUT_CHECK_MS = 2000

/** Seconds after which a network that made too many rooms may make one more. */
const RETRY_AFTER_S = 5

/** A page that opens a link asks for the page and then the socket within this time. */
const KEEP_ALIVE_MS = 30_000

/** Above any header a browser sends here: there are no cookies. */
const MAX_HEADER_BYTES = 8 * 1024

/** Addresses the page draws itself, wrong ones under /r/ included, which it explains. */
const PAGE_ROUTES = ['/', '/r', '/r/*', '/doctor']

const PROXY_WARNING =
  'requests come with X-Forwarded-For, but no proxy is trusted: if there is one, set --trust-proxy, or all its users share the limits of one address'

export function createHttpServer(options: HttpOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: true,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    // Comes before every hook, so the headers are set here too.
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      const isHttps = options.url?.protocol === 'https:'
      sendError(reply.headers(commonHeaders(isHttps)), 400)
    },
  })
  app.removeContentTypeParser('text/plain')
  let hasWarnedOfProxy = false
  app.addHook('onRequest', async (request, reply) => {
    const isProxied = request.headers['x-forwarded-for'] !== undefined
    if (isProxied && options.trustProxy.type === 'none' && !hasWarnedOfProxy) {
      hasWarnedOfProxy = true
      options.logger.warn(PROXY_WARNING)
    }
    void reply.headers(commonHeaders(publicNameOf(request, options).isHttps))
    void reply.headers(sharingHeaders(request.headers.origin, options.also))
  })
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) options.logger.error('a request failed', { error: error.message })
    return sendError(reply, status)
  })
  app.setNotFoundHandler((request, reply) => notFound(request, reply, options))
  app.get('/api/health', async () => ({ status: 'ok', version: options.version }))
  // What a browser asks before the page of another rendezvous may make a room (Fetch, CORS-preflight).
  if (options.also.length > 0) app.options(ROOMS_PATH, (_request, reply) => reply.code(204).send())
  app.post(ROOMS_PATH, (request, reply) => makeRoom(request, reply, options))
  addJoinAhead(app, options)
  for (const route of PAGE_ROUTES) {
    app.get(route, (request, reply) => sendPage(request, reply, options))
  }
  return app
}

/** How a request named us: the configured URL counts, otherwise the Host header. */
interface PublicName {
  readonly host: PublicHost | undefined
  readonly isHttps: boolean
  readonly client: ClientOrigin
}

function publicNameOf(request: FastifyRequest, options: HttpOptions): PublicName {
  const client = clientOriginOf(request.raw, options.trustProxy)
  const { url } = options
  const host = parsePublicHost(url === undefined ? request.headers.host : url.host)
  return { host, isHttps: (url?.protocol ?? `${client.protocol}:`) === 'https:', client }
}

async function makeRoom(
  request: FastifyRequest,
  reply: FastifyReply,
  options: HttpOptions,
): Promise<FastifyReply> {
  const { host, isHttps, client } = publicNameOf(request, options)
  const body = safeParse(roomRequest, request.body)
  const admissionKey = body.success ? decodeBase64url(body.output.admissionKey) : undefined
  if (admissionKey === undefined || host === undefined) return sendError(reply, 400)
  const room = options.maker.make(admissionKey, client.remote, options.nowMs())
  if (room === undefined) {
    return sendError(reply.header('retry-after', String(RETRY_AFTER_S)), 429)
  }
  await options.store.create(room)
  const answer: RoomAnswer = {
    room: room.id,
    url: `${isHttps ? 'https' : 'http'}://${host.host}/r/${room.id}`,
    expiresAtMs: room.expiresAtMs,
  }
  return reply.code(201).header('cache-control', 'no-store').send(answer)
}

async function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  options: HttpOptions,
): Promise<FastifyReply> {
  const { host, isHttps } = publicNameOf(request, options)
  if (host === undefined) return sendError(reply, 400)
  const { page, also } = options
  if (page === undefined) return sendText(reply, 503, NO_PAGE_TEXT)
  void reply.header('content-security-policy', pagePolicy(page.hashes, { host, isHttps, also }))
  void reply.header('server-timing', `${CHALLENGE};desc="${issueChallenge(options)}"`)
  void reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8')
  return sendBody(request, reply, await page.bodyFor(options.configFor(host)))
}

function notFound(
  request: FastifyRequest,
  reply: FastifyReply,
  options: HttpOptions,
): FastifyReply {
  const [path = ''] = request.url.split('?')
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const file = isRead ? options.files.get(path) : undefined
  if (file !== undefined) {
    if (path === WORKER_PATH) void reply.header('content-security-policy', WORKER_POLICY)
    void reply.header('cache-control', file.cacheControl).type(file.contentType)
    return sendBody(request, reply, file.body)
  }
  if (path === ROOMS_PATH) return sendError(reply.header('allow', 'POST'), 405)
  if (path === '/api' || path.startsWith('/api/')) return sendError(reply, 404)
  return sendText(reply, 404, NOT_FOUND_TEXT)
}

function sendBody(
  request: FastifyRequest,
  reply: FastifyReply,
  encoded: EncodedBody,
): FastifyReply {
  const accepted = request.headers['accept-encoding']
  const { encoding, body, etag } = chooseRepresentation(encoded, accepted)
  void reply.headers({ etag, vary: 'accept-encoding' })
  if (matchesEtag(request.headers['if-none-match'], etag)) return reply.code(304).send()
  if (encoding !== 'identity') void reply.header('content-encoding', encoding)
  return reply.code(200).send(body)
}

function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(text)
}

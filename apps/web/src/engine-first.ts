// The page's engine, in a script of its own before the page proper: it joins the room of the address
// while the page that will show it is still being read. Draws nothing.
import { browserFault, createRoom, joinRoom } from '@knothole/engine/browser'
import type { Room } from '@knothole/engine/browser'
import { readPageConfig } from './config.ts'
import type { Engine } from './engine.ts'
import { routeOf } from './route.ts'
import { keyValueOf } from './storage/key-value.ts'
import { readOwnName } from './storage/own-name.ts'

/** What this script leaves for the page proper. */
export interface EngineFirst {
  readonly engine: Engine
  readonly stunUrls: readonly string[]
}

declare global {
  var knotholeEngine: EngineFirst | undefined
}

/** Joins what the address bar asks for, if that is a room and this browser can. */
function joinEarly(stunUrls: readonly string[]): Promise<Room> | undefined {
  const route = routeOf(location.href)
  if (route.type !== 'room' || browserFault() !== undefined) return undefined
  const { name } = readOwnName(keyValueOf(() => localStorage))
  const early = joinRoom(route.link, { stunUrls, name })
  // The page proper will ask for it and hear of a failure then.
  early.catch(() => undefined)
  return early
}

const { stunUrls } = readPageConfig(document)
const link = location.href
let early = joinEarly(stunUrls)

globalThis.knotholeEngine = {
  engine: {
    browserFault,
    createRoom,
    joinRoom(asked, options) {
      const joined = asked === link ? early : undefined
      early = undefined
      return joined ?? joinRoom(asked, options)
    },
  },
  stunUrls,
}

// A simulated room whose signatures are Ed25519 by Web Cryptography: virtual time stands still while one is
// made or checked. One of the people forges.
import { webcrypto } from 'node:crypto'
import type { Bytes } from '@knothole/wire'
import type { SimSigner } from './sim-peer.testing.ts'
import { ROUGH, Storm } from './sim-storm.testing.ts'
import type { SimWorld } from './sim-world.testing.ts'

const { subtle } = webcrypto
const PEOPLE = 4

interface Identity {
  readonly author: Bytes
  readonly privateKey: webcrypto.CryptoKey
}

export class SignedRoom {
  readonly world: SimWorld
  signatures = 0
  refused = 0
  readonly #identities: readonly Identity[]
  readonly #storm: Storm
  readonly #underWay: (() => Promise<void>)[] = []

  static async open(seed: string): Promise<SignedRoom> {
    const identities = await Promise.all(Array.from({ length: PEOPLE }, newIdentity))
    return new SignedRoom(seed, identities)
  }

  private constructor(seed: string, identities: readonly Identity[]) {
    this.#identities = identities
    const signer: SimSigner = {
      sign: (author, message, done) =>
        this.#underWay.push(async () => done(await this.#sign(author, message))),
      verify: ({ author, message, signature }, done) =>
        this.#underWay.push(async () => done(await this.#verify(author, message, signature))),
    }
    const options = { seed, people: PEOPLE, villains: 1, topology: 'full', signer } as const
    this.#storm = new Storm(options, ROUGH)
    this.#storm.corrupt('forges')
    this.world = this.#storm.world
    this.world.people.forEach((person, at) => Object.assign(person, identities[at]))
  }

  async run(): Promise<void> {
    const { world } = this
    for (const person of world.people) world.arrive(person)
    await this.#pass(3_000)
    for (let turn = 0; turn < 20; turn++) {
      this.#storm.turn()
      await this.#pass(world.random.below(1_000))
    }
    world.calm()
    for (let second = 0; second < 60 && world.difference() !== undefined; second++)
      await this.#pass(1_000)
    for (const page of world.pages) world.oracle.orderly(page)
    world.oracle.nothingLost(world.pages)
  }

  async sign(person: number, message: Bytes): Promise<Bytes> {
    return this.#sign(this.#identities[person]?.author ?? new Uint8Array(), message)
  }

  async verify(person: number, message: Bytes, signature: Bytes): Promise<boolean> {
    return this.#verify(this.#identities[person]?.author ?? new Uint8Array(), message, signature)
  }

  async #pass(ms: number): Promise<void> {
    const { clock } = this.world
    const untilMs = clock.nowMs() + ms
    while (clock.step(untilMs)) await this.#settle()
    clock.runUntil(untilMs)
  }

  async #settle(): Promise<void> {
    while (this.#underWay.length > 0)
      await Promise.all(this.#underWay.splice(0).map((effect) => effect()))
  }

  async #sign(author: Bytes, message: Bytes): Promise<Bytes> {
    const identity = this.#identities.find((one) => one.author === author)
    if (identity === undefined) throw new Error('somebody signs for a stranger')
    this.signatures += 1
    return new Uint8Array(await subtle.sign('Ed25519', identity.privateKey, message))
  }

  async #verify(author: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
    const ok = await isGenuine(author, message, signature)
    if (!ok) this.refused += 1
    return ok
  }
}

async function newIdentity(): Promise<Identity> {
  const keys = (await subtle.generateKey('Ed25519', true, ['sign'])) as webcrypto.CryptoKeyPair
  const author = new Uint8Array(await subtle.exportKey('raw', keys.publicKey))
  return { author, privateKey: keys.privateKey }
}

async function isGenuine(author: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  try {
    const key = await subtle.importKey('raw', author, 'Ed25519', true, ['verify'])
    return await subtle.verify('Ed25519', key, signature, message)
  } catch {
    // reason: bytes that are no point of the curve make importKey throw.
    return false
  }
}

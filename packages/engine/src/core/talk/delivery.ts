// What became of a message of ours, from who has it and who is here. Says no more than is known: what
// somebody has counts because that member said so, or signed that.
import type { MemberId } from '@knothole/wire'
import type { Delivery, DeliveryTo } from './message.ts'

/** Who has an entry of ours, beside us, and who of them read it. */
export interface Delivered {
  readonly has: readonly MemberId[]
  readonly read: readonly MemberId[]
}

/** Whom a message is for. */
export interface Audience {
  /** Others who are here now. */
  readonly here: ReadonlySet<MemberId>
  /** Others who were here lately, those who are here among them. */
  readonly known: ReadonlySet<MemberId>
  readonly nameOf: (member: MemberId) => string
}

export function deliveryOf({ has, read }: Delivered, audience: Audience): Delivery {
  const { here, known, nameOf } = audience
  const of = new Set([...known, ...has]).size
  if (read.length > 0) return { type: 'read', by: read.map(nameOf), of }
  const [first] = has
  if (first === undefined) return { type: 'waiting' }
  const names = has.map(nameOf)
  const isEverywhere = [...here].every((member) => has.includes(member))
  return isEverywhere
    ? { type: 'delivered', to: has.length, of, names }
    : { type: 'carried', by: names, of }
}

/** The same for each person. */
export function deliveriesOf({ has, read }: Delivered, audience: Audience): DeliveryTo[] {
  return [...new Set([...audience.known, ...has])].map((member) => {
    const name = audience.nameOf(member)
    if (read.includes(member)) return { member, name, state: 'read' }
    return { member, name, state: has.includes(member) ? 'delivered' : 'waiting' }
  })
}

/** Whether nothing more can become of it. */
export function isSettled(delivery: Delivery): boolean {
  return delivery.type === 'read'
    ? delivery.by.length >= delivery.of
    : delivery.type === 'delivered' && delivery.to >= delivery.of
}

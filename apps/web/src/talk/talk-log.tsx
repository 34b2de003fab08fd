// The conversation with all that can be done in it: a list of any length that is anchored at its newest
// message, opens earlier ones as one scrolls up, and is walked by keyboard as well as by finger.
import { useComputed, useSignal, useSignalEffect } from '@preact/signals'
import type { Signal } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { adoptSheet } from '../parts/adopt-sheet.ts'
import { announce } from '../parts/announcer.tsx'
import { Icon } from '../parts/icons.tsx'
import { LogOpening } from '../room/log-opening.tsx'
import type { RoomModel } from '../room/model.ts'
import { RowView } from '../room/row-view.tsx'
import type { RowKit } from '../room/row-view.tsx'
import type { Row } from '../room/rows.ts'
import type { Shell } from '../shell.ts'
import { Desk } from './desk.ts'
import { useHands } from './hands.ts'
import { plainText } from './markdown.ts'
import { Foot, MessageBubble } from './message-view.tsx'
import { OverTalk } from './over-talk.tsx'
import { StorageStrip } from './storage-strip.tsx'
import { Traveller } from './traveller.ts'
import { useVirtualRows } from './virtual-rows.ts'
import type { VirtualRows } from './virtual-rows.ts'
import { eventWords, gapWords, keepLine } from './words.ts'
import overSheet from './over-talk.css?inline'
import sheet from './talk.css?inline'

adoptSheet(sheet)
adoptSheet(overSheet)

/** The log and what floats over it. */
export function TalkLog({ model, shell }: { model: RoomModel; shell: Shell }): JSX.Element {
  const log = useRef<HTMLDivElement>(null)
  const desk = useMemo(() => new Desk(model), [model])
  const away = useSignal(false)
  const traveller = useMemo(() => new Traveller(model, log, away), [model])
  const rows = traveller.listed(model.rows.value)
  const drawn = useVirtualRows(log, rows, (list) => traveller.moved(list))
  traveller.list = drawn.list
  const kit = useMemo(() => kitOf(desk, model, shell), [model, shell])
  const hands = useHands(desk, traveller)
  useEffect(() => traveller.watchWindow(), [traveller])
  useLayoutEffect(() => traveller.drawn())
  useHearing(model)
  useMine(model, traveller)
  return (
    <>
      <StorageStrip model={model} />
      {traveller.opening.value && (
        <p class="earlier" role="status">
          Opening earlier messages…
        </p>
      )}
      <div
        ref={log}
        class="log"
        role="log"
        aria-label="Conversation"
        aria-live="off"
        tabIndex={0}
        {...hands}
      >
        <RowList drawn={drawn} rows={(index) => rows.at(index)} kit={kit} />
      </div>
      <ToEnd model={model} away={away} traveller={traveller} log={log} />
      <OverTalk desk={desk} traveller={traveller} />
    </>
  )
}

function RowList(props: {
  drawn: VirtualRows
  rows: (index: number) => Row | undefined
  kit: RowKit
}): JSX.Element {
  const { list, items, heightPx, startPx } = props.drawn
  return (
    <div class="log-inner">
      <div class="log-sizer" style={{ blockSize: `${heightPx}px` }}>
        <div style={{ transform: `translateY(${startPx}px)` }}>
          {items.map(({ index, key }) => {
            const row = props.rows(index)
            return (
              <div key={key} class="row" data-index={index} ref={list.measureElement}>
                {row && <SteadyRow row={row} kit={props.kit} />}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

/** A row that is drawn again only when it says something else. */
function SteadyRow({ row, kit }: { row: Row; kit: RowKit }): JSX.Element {
  const same =
    row.type === 'message'
      ? [row.message, row.startsDay, row.startsGroup, row.endsGroup, row.endsDelivery]
      : [row.key, row.type === 'gap' ? gapWords(row.gap) : '', '', '', '']
  return useMemo(() => <RowView row={row} kit={kit} />, [kit, ...same])
}

function kitOf(desk: Desk, model: RoomModel, shell: Shell): RowKit {
  return {
    opening: () => (
      <>
        <LogOpening model={model} shell={shell} />
        <KeepLine model={model} />
      </>
    ),
    gap: ({ gap }) => (
      <p class="gap" role="status">
        {gapWords(gap)}
      </p>
    ),
    event: (message, event) => eventWords(message, event),
    bubble: (message) => <MessageBubble message={message} desk={desk} />,
    foot: (row) => <Foot row={row} />,
  }
}

/** How long what is said here is kept, under how it travels. */
function KeepLine({ model }: { model: RoomModel }): JSX.Element {
  void model.rows.value
  return <p class="keep-line">{keepLine(model.room.talk.keep)}</p>
}

/** Goes back to the newest message, and says how many came meanwhile. */
function ToEnd(props: {
  model: RoomModel
  away: Signal<boolean>
  traveller: Traveller
  log: RefObject<HTMLDivElement | null>
}): JSX.Element | null {
  const count = props.model.unread.value
  if (!props.away.value && count === 0) return null
  const words = count === 1 ? '1 new message' : `${count.toLocaleString()} new messages`
  return (
    <button
      class="button new-messages"
      data-action="to-end"
      aria-label={count === 0 ? 'To the newest message' : undefined}
      onClick={() => {
        props.traveller.toEnd()
        props.log.current?.focus({ preventScroll: true })
      }}
    >
      <Icon name="arrowDown" />
      {count > 0 && words}
    </button>
  )
}

/** Reads out what others say while one is at the newest message: the list itself is silent. */
function useHearing(model: RoomModel): void {
  useSignalEffect(() => {
    const heard = model.heard.value
    if (heard !== undefined && heard.text !== '')
      announce(`${heard.name}: ${plainText(heard.text)}`)
  })
}

/** Whoever says something wants to see it. */
function useMine(model: RoomModel, traveller: Traveller): void {
  const newest = useComputed(() => {
    void model.rows.value
    const { talk } = model.room
    const last = talk.at(talk.length - 1)
    return last?.mine === true ? last.id : undefined
  })
  const id = newest.value
  const before = useRef(id)
  useLayoutEffect(() => {
    if (id !== undefined && id !== before.current) traveller.toEnd()
    before.current = id
  }, [id])
}

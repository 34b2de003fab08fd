// A place as people write it on the command line: a preset's name or the short class name of
// docs/nat-grid.html, then what is special about it: `Ss+20` has twenty new flows a second of other
// people behind the same router, `C3@30` forgets a silent mapping after 30 seconds. Pure.

import { CLASS_PRESETS, isPresetName, type PresetName } from './presets.ts'

/** Where somebody sits. */
export interface Place {
  /** As it was written: what tables show. */
  readonly label: string
  readonly preset: PresetName
  /** New UDP flows per second that another host behind the same router opens. */
  readonly flowsPerSecond: number
  /** After this long without a packet the routers forget a mapping; undefined: the preset's own. */
  readonly mappingTimeoutSeconds?: number
}

const PLACE = /^(?<name>[^+@]+)(?:\+(?<flows>\d{1,3}))?(?:@(?<timeout>\d{1,4}))?$/

/** Reads a place; undefined when no preset or class is called so. */
export function parsePlace(label: string): Place | undefined {
  const groups = PLACE.exec(label)?.groups
  const name = groups?.['name'] ?? ''
  const preset = CLASS_PRESETS.get(name) ?? (isPresetName(name) ? name : undefined)
  if (preset === undefined) return undefined
  const timeout = groups?.['timeout']
  return {
    label,
    preset,
    flowsPerSecond: Number(groups?.['flows'] ?? 0),
    ...(timeout === undefined ? {} : { mappingTimeoutSeconds: Number(timeout) }),
  }
}

/** A preset with nothing special about it. */
export function plainPlace(preset: PresetName): Place {
  return { label: preset, preset, flowsPerSecond: 0 }
}

// A place as people write it on the command line: a preset's name or the short class name of
// docs/nat-grid.html, then what is special about it. `C3/Sr` is a home whose operator translates
// again, `Ss+20` has twenty new flows a second of other people behind the same router, `C3@30`
// forgets a silent mapping after 30 seconds. Pure.

import type { Common } from './grid/expectation.ts'
import {
  CLASS_PRESETS,
  isPresetName,
  presetBehind,
  PRESETS,
  type Preset,
  type PresetName,
} from './presets.ts'

/** Where somebody sits. */
export interface Place {
  /** As it was written: what tables show. */
  readonly label: string
  readonly preset: Preset
  /** New UDP flows per second that others behind the outermost router open. */
  readonly flowsPerSecond: number
  /** After this long without a packet the routers forget a mapping; undefined: the preset's own. */
  readonly mappingTimeoutSeconds?: number
  /** Behind the outermost router of the other one of its pair: on one LAN, or of one operator. */
  readonly isShared?: true
}

const PLACE =
  /^(?<inner>[^+@/]+)(?:\/(?<operator>[^+@/]+))?(?:\+(?<flows>\d{1,3}))?(?:@(?<timeout>\d{1,4}))?$/

/** Reads a place; undefined when there is no such place. */
export function parsePlace(label: string): Place | undefined {
  const groups = PLACE.exec(label)?.groups
  if (groups === undefined) return undefined
  const preset = findPreset(groups['inner'], groups['operator'])
  if (preset === undefined) return undefined
  const flowsPerSecond = Number(groups['flows'] ?? 0)
  const timeout = groups['timeout']
  // Who has no router has nobody behind it and nothing that forgets.
  if (preset.routers.length === 0 && (flowsPerSecond > 0 || timeout !== undefined)) return undefined
  return {
    label,
    preset,
    flowsPerSecond,
    ...(timeout === undefined ? {} : { mappingTimeoutSeconds: Number(timeout) }),
  }
}

/** A preset with nothing special about it. */
export function plainPlace(name: PresetName): Place {
  return { label: name, preset: PRESETS[name], flowsPerSecond: 0 }
}

/** The place of somebody behind the same outermost router. */
export function sharedPlace(place: Place): Place | undefined {
  return place.preset.routers.length === 0 ? undefined : { ...place, label: 'same', isShared: true }
}

/** What the two places of a pair have in common. */
export function commonOf([one, other]: readonly [Place, Place]): Common {
  if (other.isShared !== true) return 'nothing'
  return one.preset.routers.length === 1 ? 'lan' : 'operator'
}

function findPreset(inner: string | undefined, operator: string | undefined): Preset | undefined {
  const preset = presetCalled(inner)
  if (preset === undefined || operator === undefined) return preset
  const outer = presetCalled(operator)
  return outer === undefined ? undefined : presetBehind(preset, outer)
}

function presetCalled(word = ''): Preset | undefined {
  const name = CLASS_PRESETS.get(word) ?? word
  return isPresetName(name) ? PRESETS[name] : undefined
}

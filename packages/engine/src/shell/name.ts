// Names of people, as others see them.
import { MAX_NAME_LENGTH } from '@knothole/wire'
import { EngineError } from './engine-error.ts'

/** A name as others will see it. @throws EngineError name-invalid */
export function checkName(name: string): string {
  const trimmed = name.trim().replaceAll(/\s+/g, ' ')
  if (trimmed !== '' && trimmed.length <= MAX_NAME_LENGTH) return trimmed
  throw new EngineError('name-invalid', `A name has 1 to ${MAX_NAME_LENGTH} characters.`)
}

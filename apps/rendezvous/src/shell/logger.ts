// The log: lines on stderr by level. Says nothing of who: no address, id, key or name above debug.

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'silent'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

/** A message says what happened; `fields` are numbers and codes that belong to it. */
export type LogLine = (message: string, fields?: Readonly<Record<string, unknown>>) => void

export interface Logger {
  readonly error: LogLine
  readonly warn: LogLine
  readonly info: LogLine
  readonly debug: LogLine
}

/** A logger that writes what is at least as grave as `level`. */
export function createLogger(level: LogLevel, write: (line: string) => void): Logger {
  const wanted = level === 'silent' ? -1 : LOG_LEVELS.indexOf(level)
  const lineOf = (name: LogLevel): LogLine => {
    if (LOG_LEVELS.indexOf(name) > wanted) return () => {}
    return (message, fields) => {
      const rest = fields === undefined ? '' : ` ${JSON.stringify(fields)}`
      write(`${new Date().toISOString()} ${name} ${message}${rest}\n`)
    }
  }
  return {
    error: lineOf('error'),
    warn: lineOf('warn'),
    info: lineOf('info'),
    debug: lineOf('debug'),
  }
}

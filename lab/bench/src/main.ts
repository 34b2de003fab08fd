/**
 * `npm run bench`: runs one bench, prints its tables, writes `--json` and the bench's section of
 * `docs/benchmarks.md`. Exit status 1 when a bench could not be run, 2 on wrong use.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { helpText, parseRequest } from './arguments.ts'
import type { Request } from './arguments.ts'
import { BenchError } from './bench.ts'
import { benches } from './benches.ts'
import { currentLoad, describeMachine } from './machine.ts'
import { documentFile } from './places.ts'
import { formatSection, formatTable, replaceSection, toJson } from './report.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const request = parseRequest(args, benches)
    if (request === 'help') {
      console.log(helpText(benches))
      return 0
    }
    await runBench(request)
    return 0
  } catch (error) {
    if (!(error instanceof BenchError)) throw error
    console.error(error.message)
    return error.code === 'wrong-use' ? 2 : 1
  }
}

async function runBench({ bench, runs, contenders, partial, jsonFile }: Request): Promise<void> {
  const before = describeMachine()
  const result = await bench.run({ runs, contenders, log })
  for (const table of result.tables) console.log(`\n${table.title}\n\n${formatTable(table)}`)
  if (jsonFile !== undefined) {
    await mkdir(dirname(jsonFile), { recursive: true })
    await writeFile(jsonFile, toJson(bench, result))
  }
  if (partial) {
    log('Not all contenders ran: docs/benchmarks.md is left as it was.')
    return
  }
  const machine = { ...before, load: Math.max(before.load, currentLoad()) }
  const section = formatSection(bench, result, machine)
  await writeFile(documentFile, replaceSection(await readDocument(), bench.name, section))
}

function log(line: string): void {
  console.error(line)
}

async function readDocument(): Promise<string> {
  try {
    return await readFile(documentFile, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

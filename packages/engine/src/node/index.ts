// The engine in Node: what a peer without a browser needs of the machine.
export { eraseSqliteLog, openSqliteLogStore } from './sqlite-log-store.ts'
export type { SqliteLogStoreOptions } from './sqlite-log-store.ts'

import { createMemoryRoomStore } from './memory-room-store.testing.ts'
import { describeRoomStore } from './room-store.testing.ts'

describeRoomStore('memory', async () => createMemoryRoomStore())

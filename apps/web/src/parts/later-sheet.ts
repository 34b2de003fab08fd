// The style of what several parts draw, taken up once by whichever of them comes first.
import { adoptSheet } from './adopt-sheet.ts'
import sheet from '../styles/later.css?inline'

adoptSheet(sheet)

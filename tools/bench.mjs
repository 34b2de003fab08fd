// `npm run bench -- <arguments>`: sets up and builds what the benchmarks need, then becomes them.
import './node-version.mjs'
import { installDebianPackages } from './debian.mjs'
import { become } from './run.mjs'
import { setUp } from './setup.mjs'

if (!setUp('lab/bench')) process.exit(1)
installDebianPackages(['chromium', 'turnutils'])
await become('lab/bench/dist/main.js', process.argv.slice(2))

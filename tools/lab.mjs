// `npm run lab -- <arguments>`: sets up and builds what the NAT laboratory needs, then becomes it. A
// program that could not be installed is named here; the laboratory decides what it can do without.
import './node-version.mjs'
import { allRequirements, installDebianPackages } from './debian.mjs'
import { become } from './run.mjs'
import { setUp } from './setup.mjs'

if (!setUp('lab/natlab')) process.exit(1)
installDebianPackages(allRequirements)
await become('lab/natlab/dist/main.js', process.argv.slice(2))

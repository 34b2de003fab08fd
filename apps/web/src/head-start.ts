// The page's first script: opens socket and connection before the rest of the page has arrived. It has
// no schema to check the configuration with; the page proper checks it, and a wrong one only costs this.
import { headStart } from '@knothole/engine/head-start'

const config = document.getElementById('knothole-config')
const { stunUrls } = JSON.parse(config?.textContent ?? '{}') as { readonly stunUrls?: string[] }
headStart(stunUrls ?? [])

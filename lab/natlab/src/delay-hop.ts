// Delays everything that crosses the public network. The core sends what it gets from its ports into
// a TUN device; a program of ours holds each packet and gives it back (delay-hop-main.ts). The kernel
// may lack netem, and Node cannot open a TUN device: two lines of Perl (Essential on Debian) do that
// one ioctl and then become the Node process, which inherits the open file.

import { access, constants } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { words } from './command.ts'
import { LabError } from './lab-error.ts'
import type { Namespace } from './namespaces.ts'

/** The device's name in the core; the counters skip it, or they would count each packet twice. */
export const HOP_DEVICE = 'hop'
const HOP_TABLE = 100

const TUN_PATH = '/dev/net/tun'
/** TUNSETIFF as on x86 and ARM; IFF_TUN | IFF_NO_PI. `$^F` keeps the file open across exec. */
const OPEN_TUN = `
$^F = 255;
sysopen(my $tun, '${TUN_PATH}', 2) or die "open: $!\\n";
my $request = pack('a16 S x22', '${HOP_DEVICE}', 0x1001);
ioctl($tun, 0x400454ca, $request) or die "TUNSETIFF: $!\\n";
exec @ARGV[0, 1], fileno($tun), $ARGV[2] or die "exec: $!\\n";`

/**
 * A late hop is a wrong delay: it goes before the browsers it serves, where the system lets it.
 * (Niceness would not do: the kernel weighs it only within one session.)
 */
const HURRY = 'chrt --rr --pid 1 $$ 2>/dev/null; exec "$@"'

/** What the public network does to packets besides carrying them. */
export interface Weather {
  /** Added to each round trip, half in each direction. */
  readonly delayMs: number
  /** At most this much more for each packet, drawn for each; packets overtake each other. */
  readonly jitterMs: number
  /** Of a hundred packets, so many are lost, in each direction. */
  readonly lossPercent: number
}

/** No hop at all. */
export const FAIR_WEATHER: Weather = { delayMs: 0, jitterMs: 0, lossPercent: 0 }

/** Starts the hop. */
export async function startDelayHop(core: Namespace, weather: Weather): Promise<void> {
  await requireTun()
  const program = fileURLToPath(new URL('../dist/delay-hop-main.js', import.meta.url))
  const hop = core.start([
    'sh',
    '-c',
    HURRY,
    'sh',
    'perl',
    '-e',
    OPEN_TUN,
    process.execPath,
    program,
    JSON.stringify(weather),
  ])
  await hop.said((text) => text.includes('delay hop ready'))
  await core.ip([
    `link set ${HOP_DEVICE} mtu 1500 txqueuelen 10000 up`,
    `route add default dev ${HOP_DEVICE} table ${HOP_TABLE}`,
    `route add 2001:db8::/32 dev ${HOP_DEVICE} table ${HOP_TABLE}`,
  ])
}

/** Sends what comes in by one port of the core through the hop. */
export async function sendThroughHop(core: Namespace, device: string): Promise<void> {
  for (const family of ['-4', '-6']) {
    await core.run(['ip', family, ...words(`rule add iif ${device} lookup ${HOP_TABLE}`)])
  }
}

async function requireTun(): Promise<void> {
  try {
    await access(TUN_PATH, constants.R_OK | constants.W_OK)
  } catch (cause) {
    throw new LabError(
      'no-tun',
      `--delay, --jitter and --loss need read and write access to ${TUN_PATH} (run as root; in a container, pass the device in)`,
      { cause },
    )
  }
}

// Every limit of the protocol, each with its reason. Both ends check them: the sender so that a
// person gets a clear error, the receiver because senders lie.

/** Version of the rendezvous protocol and of everything sealed or signed. Peers of another version are refused. */
export const PROTOCOL_VERSION = 3

/** People up to whom everyone is linked to everyone: 11 links each is what a phone keeps up without warming. Larger rooms are partial meshes. */
export const FULL_MESH_PEERS: number = 12

/** People in one room: each newcomer is told to all, and what is said reaches everyone in four hops of a mesh of six to eight links. */
export const MAX_ROOM_PEERS: number = 128

/** Cards in one frame of the rendezvous: a room that is a full mesh comes in one. */
export const MAX_CARDS_PER_FRAME: number = FULL_MESH_PEERS

/** A sealed card: name, device class and NAT report come to under 600 bytes; room to grow threefold. */
export const MAX_CARD_BYTES: number = 2 * 1024

/** A sealed signal: a Chromium SDP with one data channel and 40 candidates is under 6 KiB. */
export const MAX_SIGNAL_BYTES: number = 16 * 1024

/** A frame to the rendezvous: a join with its card and first offer, plus signatures and envelope. */
export const MAX_CLIENT_FRAME_BYTES: number = MAX_CARD_BYTES + MAX_SIGNAL_BYTES + 1024

/** A frame from the rendezvous: a welcome with a dozen cards, and the ids of those whose cards follow. */
export const MAX_SERVER_FRAME_BYTES: number =
  MAX_CARDS_PER_FRAME * (MAX_CARD_BYTES + 256) + MAX_ROOM_PEERS * 24 + MAX_SIGNAL_BYTES + 1024

/** A frame on a link's data channel. Chromium and Firefox both carry 64 KiB messages whole. */
export const MAX_LINK_FRAME_BYTES: number = 64 * 1024

/** A piece of a frame in one packet: with its seals it fits a relayed body, so any path carries it. */
export const MAX_SEGMENT_BYTES: number = 15 * 1024

/** A text message, UTF-8: about ten pages. Longer things are files. */
export const MAX_TEXT_BYTES: number = 16 * 1024

/** A name, in UTF-16 code units: fits one line of the people list on a phone, in any script. */
export const MAX_NAME_LENGTH: number = 40

/** A NAT report as text: with three IPv6 addresses it is under 192 characters. */
export const MAX_NAT_LENGTH: number = 256

/** A session description before sealing. */
export const MAX_SDP_LENGTH: number = 12 * 1024

/** One ICE candidate line; RFC 8839 candidates are under 200 characters. */
export const MAX_CANDIDATE_LENGTH: number = 512

/** Candidates in one signal: a host with many interfaces gathers about 20. */
export const MAX_CANDIDATES_PER_SIGNAL: number = 64

/** Nesting of maps and arrays in a CBOR item: our deepest structure has 4 levels. */
export const MAX_CBOR_DEPTH: number = 8

/** A link or other URL, in UTF-16 code units: what every browser and messenger carries whole. */
export const MAX_URL_LENGTH: number = 2048

/** STUN servers named in a page: two ports on two addresses, over IPv4 and IPv6. */
export const MAX_STUN_URLS: number = 8

/** A pulse frame: ours are under 30 bytes, and those that try the width of a path fill one packet. */
export const MAX_PULSE_BYTES: number = 1200

/** The explanation in a refusal: two sentences. */
export const MAX_MESSAGE_LENGTH: number = 300

/** An observed address: an IPv4-mapped IPv6 address with a zone is the longest text form. */
export const MAX_ADDRESS_LENGTH: number = 64

/** What a transfer of bytes says of itself, in UTF-16 code units: a file's name and kind. */
export const MAX_LABEL_LENGTH: number = 512

/** What the two ladders of a pair tell each other in one note: a plan of candidates, or an SDP. */
export const MAX_NOTE_BYTES: number = 14 * 1024

/** An ICE ufrag (RFC 8839, section 5.4). */
export const MAX_UFRAG_LENGTH: number = 256

/** A body that the rendezvous relays: as large as a signal, so one frame's limit bounds both. */
export const MAX_RELAY_BYTES: number = 16 * 1024

/** A signal that members carry: the largest one, sealed once more between the two it is of. */
export const MAX_CARRIED_BYTES: number = MAX_SIGNAL_BYTES + 64

/** A frame about who is linked with whom, or a carried signal with its two ids. */
export const MAX_BETWEEN_BYTES: number = MAX_CARRIED_BYTES + 256

/** Links that one member tells of: a full room twice over, and a partial mesh keeps fewer. */
export const MAX_TOLD_LINKS: number = 64

/** An invitation on paper before it is sealed: with six candidates it is under 500 bytes, which a QR code holds. */
export const MAX_PAPER_BYTES: number = 4 * 1024

/** Candidates on paper: a machine with four interfaces in two families, each seen from outside. */
export const MAX_PAPER_CANDIDATES: number = 16

/** Rendezvous of one room beside the first: each makes the link 30 characters longer. */
export const MAX_OTHER_PLACES: number = 3

/** Hands that may pass a signal on after the first: with what neighbours tell, a mesh of a hundred is crossed in four. */
export const MAX_HOPS: number = 3

/** A frame between neighbours of a partial mesh: somebody's card is the largest. */
export const MAX_MESH_BYTES: number = MAX_CARD_BYTES + 256

/** Peers that a refusal names as worth asking: as many as one is linked with. */
export const MAX_SUGGESTIONS: number = 8

/** What a signal says of links in a partial mesh: the ids of a refusal. */
export const MAX_MESH_NOTE_BYTES: number = 256

/** TURN servers named to a peer: UDP, TCP and TLS at two hosts, and two to spare. */
export const MAX_ICE_URLS: number = 8

/** A TURN URL, user name or credential: the longest host name (RFC 1035) and what stands around it. */
export const MAX_ICE_TEXT_LENGTH: number = 300

/** A frame of the log: what a frame of a link has room for beside its own few bytes. */
export const MAX_LOG_FRAME_BYTES: number = MAX_LINK_FRAME_BYTES - 64

/** A sealed body: the longest text with what stands around it, and room for kinds of tomorrow. */
export const MAX_BODY_BYTES: number = 20 * 1024

/** An entry's header: with the most heads named and every number at its largest it is under 760. */
export const MAX_HEADER_BYTES: number = 1024

/** Heads of other feeds that an entry names: beyond that, the next entries name the rest. */
export const MAX_AFTER: number = 16

/** Entries of a feed: no person writes so many, and each number fits 32 bits. */
export const MAX_SEQUENCE: number = 2 ** 32 - 1

/** Entries within one ms of the clock: it fits 32 bits, and the ms counts on before it is reached. */
export const MAX_TICK: number = 2 ** 32 - 1

/** The last time that a date can be (ECMA-262, 21.4.1.1). */
export const MAX_TIME_MS: number = 8_640_000_000_000_000

/**
 * Entries in one chunk, packed: as many short texts as it may have entries, because each signature costs more
 * than ten of them, and a frame has room for it with its name and proof.
 */
export const MAX_CHUNK_BYTES: number = 56 * 1024

/** Entries in one chunk, and so between two proofs. */
export const MAX_CHUNK_ENTRIES: number = 256

/** Headers in one chunk: the two branches of a fork, each from a chunk, fit one frame of evidence. */
export const MAX_CHUNK_HEADER_BYTES: number = 28 * 1024

/** An emoji in UTF-16 code units: a family of four with skin tones has 23. */
export const MAX_EMOJI_LENGTH: number = 32

/** Feeds in one frame of a summary: with up to 74 bytes each they fit. */
export const MAX_SUMMARY_FEEDS: number = 768

/** Ranges, bodies or pieces of evidence asked for in one frame: what a few chunks answer. */
export const MAX_WANTED: number = 256

/** Feeds in a receipt: those that grew last, two lists of which leave room in a frame. */
export const MAX_RECEIPT_FEEDS: number = 512

/** Receipts in one frame: everybody's in the largest room, where they are short. */
export const MAX_RECEIPTS: number = 128

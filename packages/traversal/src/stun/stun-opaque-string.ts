// The OpaqueString profile (RFC 8265 section 4.2), by which RFC 8489 section 9.2 prepares realm and
// password: other spaces become U+0020, then NFC; nothing is mapped to lower case or left out.
// Refused is what FreeformClass disallows (RFC 8264 section 4.3), unassigned code points as this
// runtime's Unicode has them, and joiners outside their context, for which we know no context: RFC
// 5892 appendix A.1 allows them after a virama alone.

const PRINTABLE_ASCII = /^[ -~]+$/
const OTHER_SPACES = /\p{Zs}/gu
const REFUSED: readonly RegExp[] = [
  // Controls, surrogates, private use, unassigned; what nobody sees, joiners included.
  /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u,
  /[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u,
  // Old Hangul: what is composed of it has no one normal form.
  /[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7c6\ud7cb-\ud7fb]/u,
  // The exceptions of RFC 5892 section 2.6: disallowed ones, then those that need their context.
  /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/u,
  /(?<!l)\u00b7|\u00b7(?!l)/u,
  /\u0375(?!\p{Script=Greek})/u,
  /(?<!\p{Script=Hebrew})[\u05f3\u05f4]/u,
  /^(?!.*[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]).*\u30fb/su,
  // Digits of two kinds in one text read alike and are not.
  /^(?=.*[\u0660-\u0669]).*[\u06f0-\u06f9]/su,
]

/** The prepared text, or null where the profile refuses it; empty text is refused. */
export function toOpaqueString(text: string): string | null {
  // What nearly everybody uses is prepared as it is.
  if (PRINTABLE_ASCII.test(text)) return text
  const prepared = text.replace(OTHER_SPACES, ' ').normalize('NFC')
  return prepared === '' || REFUSED.some((pattern) => pattern.test(prepared)) ? null : prepared
}

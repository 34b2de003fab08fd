// Emoji to react with: the six people use most, more to choose from, and a check of what is typed.

/** Always at hand. */
export const QUICK_EMOJI: readonly string[] = ['👍', '❤️', '😂', '😮', '😢', '🙏']

/** One tap further away. Any other can be typed. */
export const MORE_EMOJI: readonly string[] =
  '👍 👎 👌 ✌️ 🤞 👏 🙌 💪 🙏 👋 🤝 🫶 ❤️ 🧡 💛 💚 💙 💜 🖤 💔 😀 😂 🤣 😊 🥰 😍 😘 😎 🤔 🙄 😴 😮 😱 🥺 😢 😭 😡 🤯 🥳 🤗 🎉 🔥 ✨ ⭐ 💯 ✅ ❌ ❓ ❗ 👀 🚀 ☕ 🍰 🌱 🌞 🐛 💡 📌 ⏰ 🏡'.split(
    ' ',
  )

const EMOJI = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u

/** The first emoji of what was typed, or nothing. */
export function typedEmoji(typed: string): string | undefined {
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(typed)
  for (const { segment } of segments) if (EMOJI.test(segment)) return segment
  return undefined
}

// The words of the page's catalogue, and the count of the writer's.
const spoken = JSON.parse(document.getElementById('editor-words')?.textContent || '{}')

// t is a text of the catalogue with {0}, {1} … filled in.
export const t = (key, ...args) => (spoken[key] ?? key).replace(/\{(\d)\}/g, (_, i) => args[i] ?? '')

// Scripts that don't part their words are counted as the server counts them: Han and kana by sign, the others by five signs a word.
const counted = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{N}\p{M}'’])+/gu
const unparted = /^[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

const counts = new WeakMap()
function count(node) {
  let n = counts.get(node)
  if (n !== undefined) return n
  let words = 0
  let signs = 0
  for (const [word] of node.textBetween(0, node.content.size, ' ', ' ').matchAll(counted)) unparted.test(word) ? signs++ : words++
  counts.set(node, n = words + Math.ceil(signs / 5))
  return n
}

const perMinute = 230

// tally says how long a text is. Blocks that weren't touched aren't counted again.
export function tally(doc) {
  let words = 0
  doc.forEach(node => { words += count(node) })
  const minutes = Math.max(1, Math.round(words / perMinute))
  const number = n => n.toLocaleString(document.documentElement.lang || 'en')
  return t(words === 1 ? 'tally.one' : 'tally', number(words), number(minutes))
}

// Takes what a save answered with into the text that somebody goes on writing in.
import { schema } from './schema.js'
import { at } from './blocks.js'
import { htmlOf, readBlocks, same } from './html.js'

// stay finds the most blocks that can keep their places when the order changes; the others move.
function stay(order) {
  const tails = []
  const before = new Array(order.length).fill(-1)
  order.forEach((value, i) => {
    let low = 0
    let high = tails.length
    while (low < high) { const mid = (low + high) >> 1; if (order[tails[mid]] < value) low = mid + 1; else high = mid }
    if (low) before[i] = tails[low - 1]
    tails[low] = i
  })
  const kept = new Set()
  for (let i = tails.at(-1) ?? -1; i >= 0; i = before[i]) kept.add(i)
  return kept
}

// plan says what the answer changed of what was sent, or gives null where one of those blocks was altered here meanwhile.
function plan(doc, blocks, sent) {
  const was = new Map(sent.map((b, i) => [b.id, { html: b.html, index: i }]))
  const come = new Map(blocks.map(b => [b.id, b.html]))
  const now = new Map()
  doc.forEach(node => now.set(node.attrs.id, node))
  const untouched = id => now.has(id) && same(htmlOf(now.get(id)), was.get(id).html)
  const gone = sent.filter(b => !come.has(b.id) && now.has(b.id)).map(b => b.id)
  const other = blocks.filter(b => was.has(b.id) && !same(b.html, was.get(b.id).html))
  if (!gone.every(untouched) || !other.every(b => untouched(b.id))) return null
  const common = blocks.filter(b => was.has(b.id))
  const kept = stay(common.map(b => was.get(b.id).index))
  const moved = common.filter((b, i) => !kept.has(i) && now.has(b.id)).map(b => b.id)
  return { gone, other, moved, fresh: blocks.filter(b => !was.has(b.id) && !now.has(b.id)) }
}

function nodesFor({ id, html }) {
  return readBlocks(html).map((node, i) => node.type.create({ ...node.attrs, id: i ? null : id }, node.content, node.marks))
}

// replace changes only what differs within a block, so that a caret in it stays where it is.
function replace(tr, found, nodes) {
  const { node, pos } = found
  const [next] = nodes
  if (nodes.length === 1 && node.sameMarkup(next) && !node.isAtom) {
    const from = node.content.findDiffStart(next.content)
    if (from === null) return
    let { a, b } = node.content.findDiffEnd(next.content)
    const overlap = from - Math.min(a, b)
    if (overlap > 0) { a += overlap; b += overlap }
    tr.replace(pos + 1 + from, pos + 1 + a, next.slice(from, b))
  } else if (nodes.length) {
    tr.replaceWith(pos, pos + node.nodeSize, nodes)
  }
}

export function adopt(view, blocks, sent) {
  const changes = plan(view.state.doc, blocks, sent)
  if (!changes) return false
  const tr = view.state.tr
  const take = id => {
    const found = at(tr.doc, id)
    if (tr.doc.childCount === 1) tr.insert(tr.doc.content.size, schema.nodes.paragraph.create())
    tr.delete(found.pos, found.pos + found.node.nodeSize)
    return found.node
  }
  // Where a block belongs: after the nearest one before it that is there.
  const place = id => {
    for (let i = blocks.findIndex(b => b.id === id) - 1; i >= 0; i--) {
      const found = at(tr.doc, blocks[i].id)
      if (found) return found.pos + found.node.nodeSize
    }
    return 0
  }
  for (const block of changes.other) replace(tr, at(tr.doc, block.id), nodesFor(block))
  for (const id of changes.gone) take(id)
  const moved = new Set(changes.moved)
  const fresh = new Map(changes.fresh.map(b => [b.id, b]))
  const taken = new Map(changes.moved.map(id => [id, take(id)]))
  for (const { id } of blocks) {
    if (moved.has(id)) tr.insert(place(id), taken.get(id))
    else if (fresh.has(id)) tr.insert(place(id), nodesFor(fresh.get(id)))
  }
  if (tr.docChanged) view.dispatch(tr.setMeta('addToHistory', false).setMeta('adopted', true))
  return true
}

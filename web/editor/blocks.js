// Every top-level block has an id, by which the edits of several people are merged.
import { Plugin } from 'prosemirror-state'

export function newID() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map(b => String.fromCharCode(97 + b % 26)).join('')
}

// changed is the window of top-level children that differ between two documents: indexes [from, to) in each. Untouched nodes are the
// same objects, so finding it costs no reading.
export function changed(before, after) {
  const most = Math.min(before.childCount, after.childCount)
  let from = 0
  while (from < most && before.child(from) === after.child(from)) from++
  let end = 0
  while (end < most - from && before.child(before.childCount - 1 - end) === after.child(after.childCount - 1 - end)) end++
  return { from, before: before.childCount - end, after: after.childCount - end }
}

// restructured tells that blocks came, went or changed their names, which typing within one doesn't do.
export function restructured(before, after, w = changed(before, after)) {
  if (w.before - w.from !== w.after - w.from) return true
  for (let i = w.from; i < w.after; i++) if (before.child(i).attrs.id !== after.child(i).attrs.id) return true
  return false
}

// within is the name of the block that a new one was put around: it stays the same block.
function within(node) {
  for (let inner = node.firstChild; inner; inner = inner.firstChild) if (inner.attrs.id) return inner.attrs.id
  return null
}

// ids gives new blocks a name. Of two with one name the first keeps it, unless it was left empty when its text was cut off below it.
export const ids = () => new Plugin({
  appendTransaction(trs, old, state) {
    if (!trs.some(tr => tr.docChanged)) return null
    const w = changed(old.doc, state.doc)
    if (!restructured(old.doc, state.doc, w)) {
      if (w.after - w.from === 0 || state.doc.child(w.from).attrs.id) return null
    }
    return name(state, w)
  },
})

export function name(state, w = { from: 0, after: state.doc.childCount }) {
  const taken = new Set()
  state.doc.forEach((node, _, i) => { if (node.attrs.id && (i < w.from || i >= w.after)) taken.add(node.attrs.id) })
  const tr = state.tr
  let pos = 0
  const inside = []
  state.doc.forEach((node, offset, i) => { if (i >= w.from && i < w.after) inside.push([node, offset, i]) })
  for (const [node, at, i] of inside) {
    pos = at
    const id = node.attrs.id ?? within(node)
    const next = i + 1 < w.after && state.doc.child(i + 1)
    const passes = next && next.attrs.id === id && !node.content.size && next.content.size
    if (!id || taken.has(id) || passes) tr.setNodeAttribute(pos, 'id', newID())
    else {
      taken.add(id)
      if (id !== node.attrs.id) tr.setNodeAttribute(pos, 'id', id)
    }
  }
  return tr.docChanged ? tr.setMeta('addToHistory', false) : null
}

// at finds a block by its id.
export function at(doc, id) {
  let found = null
  doc.forEach((node, pos, index) => { if (node.attrs.id === id) found ??= { node, pos, index } })
  return found
}

// here is the top-level block that holds the caret.
export function here(state) {
  const $from = state.selection.$from
  const index = $from.index(0)
  if (index >= state.doc.childCount) return null
  return { node: state.doc.child(index), index, pos: $from.depth ? $from.before(1) : $from.pos }
}

// What buttons, menu and keys do to the text.
import { lift, setBlockType, toggleMark, wrapIn } from 'prosemirror-commands'
import { wrapInList, liftListItem } from 'prosemirror-schema-list'
import { NodeSelection, Selection, TextSelection } from 'prosemirror-state'
import { closeHistory } from 'prosemirror-history'
import { schema } from './schema.js'
import { here, newID } from './blocks.js'

const { nodes, marks } = schema

export const bold = toggleMark(marks.strong)
export const italic = toggleMark(marks.em)

export function has(state, mark) {
  const { from, to, empty, $from } = state.selection
  return empty ? !!mark.isInSet(state.storedMarks || $from.marks()) : state.doc.rangeHasMark(from, to, mark)
}

// within finds the nearest node of a type around the selection.
export function within(state, ...types) {
  const $from = state.selection.$from
  for (let d = $from.depth; d > 0; d--) if (types.includes($from.node(d).type)) return { node: $from.node(d), pos: $from.before(d), depth: d }
  const node = state.selection.node
  return node && types.includes(node.type) ? { node, pos: state.selection.from, depth: $from.depth + 1 } : null
}

// kind makes a block another one; to everybody else it stays the same block.
export const kind = (name, attrs = null) => setBlockType(nodes[name], as(attrs))
export const as = attrs => node => ({ id: node.attrs.id, lang: node.attrs.lang, dir: node.attrs.dir, ...attrs })

export const list = name => (state, dispatch) => {
  const inside = within(state, nodes.ul, nodes.ol)
  if (!inside) return wrapInList(nodes[name])(state, dispatch)
  if (inside.node.type.name === name) return liftListItem(nodes.item)(state, dispatch)
  dispatch?.(state.tr.setNodeMarkup(inside.pos, nodes[name], { id: inside.node.attrs.id, lang: inside.node.attrs.lang, dir: inside.node.attrs.dir }))
  return true
}

// cycleList makes a list, numbers it, and makes paragraphs of it again.
export function cycleList(state, dispatch) {
  return list(within(state, nodes.ul, nodes.ol) ? 'ol' : 'ul')(state, dispatch)
}

export function quote(state, dispatch) {
  const inside = within(state, nodes.quote)
  return inside ? lift(state, dispatch) : wrapIn(nodes.quote)(state, dispatch)
}

// statement turns the paragraph into one, or back.
export function statement(state, dispatch) {
  const inside = within(state, nodes.statement)
  if (!inside) return wrapIn(nodes.statement)(state, dispatch)
  dispatch?.(state.tr.replaceWith(inside.pos, inside.pos + inside.node.nodeSize, inside.node.content))
  return true
}

// insert puts a block where the caret is: in place of an empty paragraph, else after the block around it.
export function insert(node, into = true) {
  return (state, dispatch) => {
    const at = here(state)
    if (!at) return false
    const blank = at.node.type === nodes.paragraph && !at.node.content.size
    const from = blank ? at.pos : at.pos + at.node.nodeSize
    const tr = state.tr.replaceWith(from, blank ? at.pos + at.node.nodeSize : from, node)
    if (from + node.nodeSize >= tr.doc.content.size) tr.insert(tr.doc.content.size, nodes.paragraph.create())
    // A table is begun in its first cell, not in its caption.
    const start = from + 1 + (node.type === nodes.tablefigure ? node.firstChild.nodeSize : 0)
    const inner = into && node.type.isTextblock || node.firstChild ? Selection.findFrom(tr.doc.resolve(start), 1, true) : null
    tr.setSelection(inner ?? (NodeSelection.isSelectable(tr.doc.nodeAt(from)) && node.isAtom && node.type !== nodes.rule ? NodeSelection.create(tr.doc, from) : Selection.near(tr.doc.resolve(from + node.nodeSize))))
    dispatch?.(tr.scrollIntoView())
    return true
  }
}

export function newTable(rows = 3, columns = 3) {
  const cells = type => Array.from({ length: columns }, () => type.create(type === nodes.header ? { scope: 'col' } : null, nodes.paragraph.create()))
  return nodes.tablefigure.create(null, [nodes.caption.create(), nodes.table.create(null, Array.from({ length: rows }, (_, i) => nodes.row.create({ head: i === 0 }, cells(i ? nodes.cell : nodes.header)))), nodes.source.create()])
}

// move takes the block with the caret up or down.
export const move = by => (state, dispatch) => {
  const at = here(state)
  const to = at && at.index + by
  if (!at || to < 0 || to >= state.doc.childCount) return false
  if (dispatch) {
    const other = state.doc.child(to)
    const from = by < 0 ? at.pos - other.nodeSize : at.pos
    const tr = state.tr.replaceWith(from, from + at.node.nodeSize + other.nodeSize, by < 0 ? [at.node, other] : [other, at.node])
    const shift = by < 0 ? -other.nodeSize : other.nodeSize
    const { anchor, head } = state.selection
    tr.setSelection(state.selection instanceof NodeSelection ? NodeSelection.create(tr.doc, at.pos + shift) : TextSelection.between(tr.doc.resolve(anchor + shift), tr.doc.resolve(head + shift)))
    dispatch(closeHistory(tr).scrollIntoView())
  }
  return true
}

// A reference may also lead to its note by number, as those do that came from elsewhere.
const numbered = /^#fn(\d+)$/
const moveOn = all => all.map(m => {
  const at = m.type === marks.a && numbered.exec(m.attrs.href)
  return at ? marks.a.create({ ...m.attrs, href: `#fn${+at[1] + 1}` }) : m
})

// footnote puts the next number into the line and opens its note at the end. Later notes and their numbers move on by one.
export function footnote(state, dispatch) {
  const { $from, to } = state.selection
  if (!$from.parent.inlineContent || within(state, nodes.ol)?.node.attrs.class === 'footnotes') return false
  if (!dispatch) return true
  let notes = null
  state.doc.forEach((node, pos) => { if (node.type === nodes.ol && node.attrs.class === 'footnotes') notes = { node, pos } })
  const id = notes?.node.attrs.id ?? newID()
  const href = `#p-${id}`
  const tr = state.tr
  let before = 0
  const later = []
  state.doc.descendants((node, pos) => {
    const link = node.isText && marks.sup.isInSet(node.marks) && marks.a.isInSet(node.marks)
    if (!link || link.attrs.href !== href && !numbered.test(link.attrs.href)) return
    if (pos < to) before++
    else if (/^\d+$/.test(node.text)) later.push({ node, pos })
  })
  const item = nodes.item.create(null, nodes.paragraph.create())
  if (notes) {
    let at = notes.pos + 1
    for (let i = 0; i < Math.min(before, notes.node.childCount); i++) at += notes.node.child(i).nodeSize
    tr.insert(at, item)
  } else {
    tr.insert(tr.doc.content.size, nodes.ol.create({ id, class: 'footnotes' }, item))
  }
  for (const { node, pos } of later.reverse()) tr.replaceWith(tr.mapping.map(pos), tr.mapping.map(pos + node.nodeSize, -1), schema.text(String(+node.text + 1), moveOn(node.marks)))
  const where = tr.mapping.map(to, -1)
  tr.insert(where, schema.text(String(before + 1), [marks.a.create({ href }), marks.sup.create()]))
  let caret = null
  tr.doc.descendants((node, pos) => {
    if (caret !== null || node.type !== nodes.ol || node.attrs.class !== 'footnotes') return caret === null
    caret = pos + 1
    for (let i = 0; i < Math.min(before, node.childCount - 1); i++) caret += node.child(i).nodeSize
    return false
  })
  dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(caret + 2))).scrollIntoView())
  return true
}

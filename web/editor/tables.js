// Rows and columns of a table, also where cells span several.
import { Plugin, Selection } from 'prosemirror-state'
import { schema } from './schema.js'
import { changed } from './blocks.js'
import { within } from './commands.js'

const { cell: plainCell, header, paragraph } = schema.nodes

// gridOf says in which column each cell begins, and how many columns each row fills.
function gridOf(table) {
  const taken = []
  const rows = []
  table.forEach((row, _, r) => {
    taken[r] ??= []
    let col = 0
    const cells = []
    row.forEach(cell => {
      while (taken[r][col]) col++
      for (let y = r; y < r + cell.attrs.rowspan; y++) for (let x = col; x < col + cell.attrs.colspan; x++) (taken[y] ??= [])[x] = true
      cells.push({ cell, col })
      col += cell.attrs.colspan
    })
    rows.push({ row, cells })
  })
  return { rows, fills: rows.map((_, r) => taken[r].length), width: Math.max(...rows.map((_, r) => taken[r].length)) }
}

// current is the table around the caret, with the row and cell that hold it.
function current(state) {
  const at = within(state, plainCell, header)
  if (!at) return null
  const $from = state.selection.$from
  const table = $from.node(at.depth - 2)
  const row = $from.index(at.depth - 2)
  const grid = gridOf(table)
  return { table, pos: $from.before(at.depth - 2), row, index: $from.index(at.depth - 1), grid, ...grid.rows[row].cells[$from.index(at.depth - 1)] }
}

export const inTable = state => !!within(state, plainCell, header)

const blank = head => (head ? header : plainCell).create(head ? { scope: 'col' } : null, paragraph.create())
const stretch = (cell, by) => cell.type.create({ ...cell.attrs, ...by }, cell.content)

// edit lets change make new rows of the grid's; the caret goes into the cell that it stood in, or the nearest.
const edit = change => (state, dispatch) => {
  const at = current(state)
  if (!at) return false
  const rows = change(at)
  if (!rows?.some(r => r.cells.length)) return deleteTable(state, dispatch)
  if (!dispatch) return true
  const made = rows.map(({ row, cells }) => row.type.create(row.attrs, cells.map(c => c.cell))).filter(r => r.childCount)
  const tr = state.tr.replaceWith(at.pos + 1, at.pos + at.table.nodeSize - 1, made)
  const r = Math.min(at.to?.row ?? at.row, made.length - 1)
  let pos = at.pos + 1
  for (let i = 0; i < r; i++) pos += made[i].nodeSize
  pos++
  for (let i = 0; i < Math.min(at.to?.index ?? at.index, made[r].childCount - 1); i++) pos += made[r].child(i).nodeSize
  dispatch(tr.setSelection(Selection.near(tr.doc.resolve(pos + 1))).scrollIntoView())
  return true
}

export const addColumn = edit(at => {
  const edge = at.col + at.cell.attrs.colspan
  const wide = new Set()
  at.grid.rows.forEach(({ cells }, r) => cells.forEach(({ cell, col }) => {
    if (col < edge && col + cell.attrs.colspan > edge) for (let y = r; y < r + cell.attrs.rowspan; y++) wide.add(y)
  }))
  at.to = { row: at.row, index: at.index + 1 }
  return at.grid.rows.map(({ row, cells }, r) => {
    const out = cells.map(({ cell, col }) => ({ col, cell: col < edge && col + cell.attrs.colspan > edge ? stretch(cell, { colspan: cell.attrs.colspan + 1 }) : cell }))
    if (!wide.has(r)) {
      const before = out.findIndex(c => c.col >= edge)
      out.splice(before < 0 ? out.length : before, 0, { col: edge, cell: blank(row.attrs.head) })
    }
    return { row, cells: out }
  })
})

export const deleteColumn = edit(at => at.grid.rows.map(({ row, cells }) => ({
  row,
  cells: cells.flatMap(({ cell, col }) => {
    if (col > at.col || col + cell.attrs.colspan <= at.col) return [{ cell, col }]
    return cell.attrs.colspan > 1 ? [{ col, cell: stretch(cell, { colspan: cell.attrs.colspan - 1 }) }] : []
  }),
})))

export const addRow = edit(at => {
  const edge = at.row + at.cell.attrs.rowspan
  const covered = new Set()
  const rows = at.grid.rows.map(({ row, cells }, r) => ({
    row,
    cells: cells.map(({ cell, col }) => {
      if (r >= edge || r + cell.attrs.rowspan <= edge) return { cell, col }
      for (let x = col; x < col + cell.attrs.colspan; x++) covered.add(x)
      return { col, cell: stretch(cell, { rowspan: cell.attrs.rowspan + 1 }) }
    }),
  }))
  const fresh = []
  for (let col = 0; col < at.grid.width; col++) if (!covered.has(col)) fresh.push({ col, cell: blank(false) })
  at.to = { row: edge, index: Math.min(at.index, fresh.length - 1) }
  rows.splice(edge, 0, { row: schema.nodes.row.create(null, blank(false)), cells: fresh })
  return rows
})

export const deleteRow = edit(at => {
  const rows = at.grid.rows.map(({ row, cells }, r) => ({
    row, cells: cells.map(({ cell, col }) => ({ col, cell: r < at.row && r + cell.attrs.rowspan > at.row ? stretch(cell, { rowspan: cell.attrs.rowspan - 1 }) : cell })),
  }))
  // A cell that reaches down from the row goes on in the next one.
  const [gone] = rows.splice(at.row, 1)
  for (const { cell, col } of gone.cells) {
    if (cell.attrs.rowspan < 2 || !rows[at.row]) continue
    rows[at.row].cells.push({ col, cell: stretch(cell, { rowspan: cell.attrs.rowspan - 1 }) })
    rows[at.row].cells.sort((a, b) => a.col - b.col)
  }
  return rows
})

export function deleteTable(state, dispatch) {
  const at = within(state, schema.nodes.tablefigure) ?? within(state, schema.nodes.table)
  if (!at) return false
  if (dispatch) {
    const tr = state.tr.replaceWith(at.pos, at.pos + at.node.nodeSize, paragraph.create())
    dispatch(tr.setSelection(Selection.near(tr.doc.resolve(at.pos + 1))).scrollIntoView())
  }
  return true
}

// headerRow makes the first row of a table its head, or a row like the others.
export const headerRow = edit(at => {
  const on = !at.grid.rows[0].row.attrs.head
  return at.grid.rows.map(({ row, cells }, r) => r ? { row, cells } : {
    row: row.type.create({ head: on }, row.content),
    cells: cells.map(({ cell, col }) => ({ col, cell: (on ? header : plainCell).create({ ...cell.attrs, scope: on ? 'col' : null }, cell.content) })),
  })
})

// nextCell goes to the next cell or the one before; after the last one it makes a row.
export const nextCell = by => (state, dispatch, view) => {
  const at = current(state)
  if (!at) return false
  const cells = []
  at.table.descendants((node, pos) => { if (node.type === plainCell || node.type === header) cells.push(at.pos + 1 + pos); return node.type.name === 'row' })
  const now = cells.indexOf(within(state, plainCell, header).pos)
  const to = cells[now + by]
  if (to === undefined && by < 0) return true
  if (to === undefined) return !dispatch || addRow(state, view.dispatch) && toFirst(view)
  dispatch?.(state.tr.setSelection(Selection.near(state.doc.resolve(to + 1))).scrollIntoView())
  return true
}

function toFirst(view) {
  const row = within(view.state, schema.nodes.row)
  view.dispatch(view.state.tr.setSelection(Selection.near(view.state.doc.resolve(row.pos + 2))))
  return true
}

// wholeTables gives short rows their missing cells, whatever was deleted or pasted.
export const wholeTables = () => new Plugin({
  appendTransaction(trs, old, state) {
    if (!trs.some(tr => tr.docChanged)) return null
    const w = changed(old.doc, state.doc)
    const tr = state.tr
    state.doc.forEach((top, at, i) => {
      if (i < w.from || i >= w.after || top.isTextblock) return
      const mend = (table, pos) => {
        const { rows, fills, width } = gridOf(table)
        let end = pos + 1
        rows.forEach(({ row }, r) => {
          end += row.nodeSize
          for (let x = fills[r]; x < width; x++) tr.insert(tr.mapping.map(end - 1), blank(row.attrs.head))
        })
      }
      if (top.type.name === 'table') mend(top, at)
      top.descendants((node, pos) => { if (node.type.name === 'table') mend(node, at + 1 + pos); return !node.isTextblock })
    })
    return tr.docChanged ? tr : null
  },
})

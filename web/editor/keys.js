// The keys of the sheet. ⌘S and ⌘Enter aren't here: they save and publish.
import { keymap } from 'prosemirror-keymap'
import { baseKeymap, chainCommands, exitCode, toggleMark } from 'prosemirror-commands'
import { redo, undo } from 'prosemirror-history'
import { undoInputRule } from 'prosemirror-inputrules'
import { liftListItem, sinkListItem, splitListItem } from 'prosemirror-schema-list'
import { Selection } from 'prosemirror-state'
import { schema } from './schema.js'
import { bold, italic, kind, move, within } from './commands.js'
import { nextCell } from './tables.js'

const { nodes, marks } = schema

const breakLine = chainCommands(exitCode, (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(nodes.br.create()).scrollIntoView())
  return true
})

// toCells goes from a table's caption to its first cell.
function toCells(state, dispatch) {
  const { $from } = state.selection
  if ($from.parent.type !== nodes.caption || $from.node(-1).type !== nodes.tablefigure) return false
  dispatch?.(state.tr.setSelection(Selection.near(state.doc.resolve($from.after() + 1))).scrollIntoView())
  return true
}

// leave goes from a caption or footer, which are one line, to the paragraph after what they belong to.
function leave(state, dispatch) {
  const { $from } = state.selection
  if (!['picture', 'caption', 'source', 'footer'].includes($from.parent.type.name)) return false
  const after = $from.after(1)
  const tr = state.tr
  if (after >= state.doc.content.size || !state.doc.nodeAt(after).isTextblock) tr.insert(after, nodes.paragraph.create())
  dispatch?.(tr.setSelection(Selection.near(tr.doc.resolve(after + 1))).scrollIntoView())
  return true
}

export function keys({ link, note, find, escape }) {
  const { 'Mod-Enter': _, ...base } = baseKeymap
  return [
    keymap({
      'Mod-b': bold, 'Mod-i': italic, 'Mod-k': link, 'Mod-Alt-m': note, 'Mod-Shift-f': find, 'Mod-Shift-h': find, Escape: escape,
      'Mod-e': toggleMark(marks.inlinecode),
      'Mod-z': undo, 'Mod-y': redo, 'Mod-Shift-z': redo,
      'Mod-Alt-0': kind('paragraph'), 'Mod-Alt-2': kind('heading', { level: 2 }), 'Mod-Alt-3': kind('heading', { level: 3 }), 'Mod-Alt-4': kind('heading', { level: 4 }),
      'Alt-ArrowUp': move(-1), 'Alt-ArrowDown': move(1),
      Backspace: undoInputRule,
      'Shift-Enter': breakLine,
      Enter: chainCommands(splitListItem(nodes.item), toCells, leave),
      Tab: chainCommands(nextCell(1), toCells, sinkListItem(nodes.item), state => !!within(state, nodes.ul, nodes.ol)),
      'Shift-Tab': chainCommands(nextCell(-1), liftListItem(nodes.item)),
    }),
    keymap(base),
  ]
}

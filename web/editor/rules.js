// What typing turns into: Markdown's signs at the start of a line and around words, quotation marks of the article's language, dashes.
import { InputRule, inputRules, textblockTypeInputRule, wrappingInputRule } from 'prosemirror-inputrules'
import { TextSelection } from 'prosemirror-state'
import { schema } from './schema.js'
import { as } from './commands.js'
import { marksFor } from './quotes.js'

const { nodes, marks } = schema
const prose = { inCodeMark: false }

// around makes "**bold**" bold once its last sign is typed, which isn't in the document yet.
function around(pattern, mark) {
  return new InputRule(pattern, (state, [whole, lead, words], start, end) => {
    const from = start + lead.length
    const signs = (whole.length - lead.length - words.length) / 2
    const inner = from + signs + words.length
    const tr = state.tr
    if (end > inner) tr.delete(inner, end)
    tr.delete(from, from + signs)
    return tr.addMark(from, from + words.length, mark.create()).removeStoredMark(mark)
  }, prose)
}

function rule(pattern) {
  return new InputRule(pattern, (state, _, start) => {
    const $at = state.doc.resolve(start)
    if ($at.parent.type !== nodes.paragraph || $at.depth !== 1) return null
    const tr = state.tr.replaceWith($at.before(), $at.after(), [nodes.rule.create(), nodes.paragraph.create()])
    return tr.setSelection(TextSelection.near(tr.doc.resolve($at.before() + 2)))
  })
}

function quote(language) {
  const make = (sign, pair) => new InputRule(new RegExp(`(^|.)${sign}$`, 'u'), (state, match, start, end) => {
    const signs = marksFor(language(state))
    if (!signs) return null
    const before = match[1]
    const opens = before === '' || /[\s([{«“‘„‚\-–—/\u00A0\u202F]/u.test(before)
    return state.tr.insertText(signs[pair * 2 + (opens ? 0 : 1)], start + before.length, end)
  }, prose)
  // Within a word an apostrophe is one in every language.
  const apostrophe = new InputRule(/([\p{L}\p{N}])'$/u, (state, match, start, end) => marksFor(language(state)) && state.tr.insertText('’', start + match[1].length, end), prose)
  return [make('"', 0), apostrophe, make("'", 1)]
}

// French sets a narrow space before these signs, which must not break the line.
const space = language => new InputRule(/(\S) ([!?;:])$/u, (state, match, start, end) =>
  /^fr\b/i.test(language(state)) ? state.tr.insertText(match[1] + '\u202F' + match[2], start, end) : null, prose)

// insert puts signs for what was typed, in text that a language writes so.
const insert = (pattern, signs) => new InputRule(pattern, (state, match, start, end) => state.tr.insertText(match[1] + signs, start, end), prose)

export function rules(language) {
  return inputRules({
    rules: [
      textblockTypeInputRule(/^(#{2,4})\s$/, nodes.heading, match => as({ level: match[1].length })),
      wrappingInputRule(/^[-*]\s$/, nodes.ul),
      wrappingInputRule(/^(\d{1,4})[.)]\s$/, nodes.ol, match => ({ start: +match[1] > 1 ? +match[1] : null }), (match, node) => node.childCount + (node.attrs.start ?? 1) === +match[1]),
      wrappingInputRule(/^>\s$/, nodes.quote),
      textblockTypeInputRule(/^```$/, nodes.code, () => as(null)),
      rule(/^(?:---|—-)$/),
      around(/(^|[^*])\*\*([^\s*](?:[^*]*[^\s*])?)\*\*$/, marks.strong),
      around(/(^|[^*\p{L}\p{N}])\*([^\s*](?:[^*]*[^\s*])?)\*$/u, marks.em),
      around(/(^|[^`])`([^`]+)`$/, marks.inlinecode),
      ...quote(language),
      insert(/(\s)--$/, '–'),
      insert(/(\S|^)--$/, '—'),
      insert(/([^.]|^)\.\.\.$/, '…'),
      space(language),
    ],
  })
}

// Quotation marks, spaces and time words of the languages, keyed by the part before the hyphen unless the whole tag stands here.
const nnbsp = '\u202F'

// Opening and closing double, opening and closing single.
const quotes = {
  en: '“”‘’', nl: '“”‘’', pt: '“”‘’', tr: '“”‘’', ko: '“”‘’', ar: '“”‘’', eo: '“”‘’', vi: '“”‘’',
  de: '„“‚‘', cs: '„“‚‘', sk: '„“‚‘', sl: '„“‚‘', bg: '„“‚‘', is: '„“‚‘', lt: '„“‚‘', et: '„“‚‘',
  pl: '„”‚’', ro: '„”‚’', hr: '„”‚’', sr: '„”‚’', hu: '„”»«',
  sv: '””’’', fi: '””’’',
  no: '«»‘’', nb: '«»‘’', nn: '«»‘’', da: '»«›‹', es: '«»“”', ca: '«»“”', gl: '«»“”', it: '«»“”', el: '«»“”', ru: '«»„“', uk: '«»„“', fa: '«»‹›', 'de-ch': '«»‹›', 'pt-pt': '«»“”', he: '””’’',
  fr: ['«\u00A0', '\u00A0»', '“', '”'], 'fr-ch': ['«' + nnbsp, nnbsp + '»', '“', '”'],
  ja: null, zh: null, th: null,
}

// marksFor gives the four marks of a language, or null where what is typed stays.
export function marksFor(lang) {
  const tag = lang.toLowerCase()
  const found = tag in quotes ? quotes[tag] : quotes[tag.split('-')[0]]
  return found === undefined ? [...quotes.en] : found && [...found]
}

// What stands before the time at which a statement was asked for, and at which it came.
const times = {
  en: ['Asked ', 'Answered '], de: ['Gefragt am ', 'Beantwortet am '], fr: ['Question posée le ', 'Réponse reçue le '], es: ['Preguntado el ', 'Respondido el '],
  it: ['Chiesto il ', 'Risposto il '], pt: ['Perguntado em ', 'Respondido em '], nl: ['Gevraagd op ', 'Beantwoord op '], pl: ['Zapytano ', 'Odpowiedziano '],
  sv: ['Frågat ', 'Besvarat '], da: ['Spurgt ', 'Besvaret '], no: ['Spurt ', 'Besvart '], ar: ['سُئل ', 'أجاب '], ko: ['질문 ', '답변 '], ja: ['質問 ', '回答 '], zh: ['提问 ', '答复 '],
}

// timeText is a moment of a statement in the article's language.
export function timeText(lang, at, answered) {
  const base = lang.split('-')[0].toLowerCase()
  const before = (times[base] ?? times.en)[answered ? 1 : 0]
  const when = new Date(at)
  let text = at
  if (!Number.isNaN(+when)) {
    try { text = new Intl.DateTimeFormat(!lang || /^en$/i.test(lang) ? 'en-GB' : lang, { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' }).format(when) } catch { /* a language the browser doesn't know */ }
  }
  return { at, before, text, after: '' }
}

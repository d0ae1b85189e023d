// Lets Lighthouse judge four pages of the demo three times each, as a phone sees them, prints the medians and fails under 100.
// usage: node audit.js ORIGIN CHROMIUM FOLDER, which is left for the caller to remove: parts of a browser write to it a while longer.
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:net';
import lighthouse from 'lighthouse';

const [origin, chromium, profiles] = process.argv.slice(2);
const runs = 3;
const kinds = ['performance', 'accessibility', 'best-practices', 'seo'];

const median = numbers => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const freePort = () => new Promise(done => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

// browse starts a browser of a new profile and gives its port and the way to end it.
async function browse() {
  const profile = mkdtempSync(join(profiles, 'browser-'));
  const port = await freePort();
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-extensions', `--remote-debugging-port=${port}`, `--user-data-dir=${profile}`, 'about:blank'];
  const browser = spawn(chromium, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise((ready, failed) => {
    browser.once('exit', code => failed(new Error(`${chromium} ended with ${code}`)));
    browser.stderr.on('data', text => { if (String(text).includes('DevTools listening')) ready(); });
  });
  return { port, end: () => new Promise(done => {
    browser.removeAllListeners('exit');
    browser.once('exit', done);
    browser.kill();
  }) };
}

// pages are the addresses that the front leads to: one of each kind.
async function pages() {
  const front = await (await fetch(origin + '/')).text();
  const first = pattern => (front.match(pattern) || ['', ''])[1];
  const article = first(/<h2[^>]*><a href="(\/\d{4}\/[^"#]+)"/);
  const text = await (await fetch(origin + article)).text();
  const author = (text.match(/rel="author" href="([^"]+)"/) || ['', ''])[1];
  return { front: '/', article, category: first(/href="(\/category\/[^"]+)"/), author };
}

const faults = new Map();

async function judge(name, path) {
  const scores = kinds.map(() => []);
  for (let i = 0; i < runs; i++) {
    const browser = await browse();
    try {
      const { lhr } = await lighthouse(origin + path, { port: browser.port, onlyCategories: kinds, logLevel: 'silent' });
      kinds.forEach((kind, at) => {
        scores[at].push(Math.round(lhr.categories[kind].score * 100));
        for (const ref of lhr.categories[kind].auditRefs) {
          const audit = lhr.audits[ref.id];
          if (ref.weight > 0 && audit.score !== null && audit.score < 0.995) faults.set(`${name}: ${kind}: ${audit.id} ${audit.displayValue || ''}`, audit.title);
        }
      });
    } finally {
      await browser.end();
    }
  }
  return scores.map(median);
}

let failed = false;
console.log(['page'.padEnd(12), ...kinds].join('  '));
for (const [name, path] of Object.entries(await pages())) {
  const scores = await judge(name, path);
  failed ||= scores.some(score => score < 100);
  console.log([name.padEnd(12), ...scores.map((score, i) => String(score).padStart(kinds[i].length))].join('  '), path);
}
for (const [at, title] of faults) console.log(`under full marks in a run: ${at} (${title})`);
process.exit(failed ? 1 : 0);

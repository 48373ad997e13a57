import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import t from 'tap';
import { readNeeds } from '../../../harness/host/needs.ts';
import { onPath } from '../../../harness/host/on-path.ts';
import { writeReport } from '../../../harness/report/write-report.ts';
import { makeRun, overtaken, regressed, root, warned } from './make-run.ts';

const { probes = [] } = (await readNeeds(root)).find(({ id }) => id === 'chromium') ?? {};
const [chromium] = (await Promise.all(probes.map(onPath))).filter((path) => path !== undefined);
const widths = [1440, 800, 375];
const schemes = ['light', 'dark'] as const;
const evil = '<script>document.title="ran"</script></style></title><img src="http://127.0.0.1:9/x" onerror="document.title=\'ran\'">" onload="document.title=\'ran\' \u202e\u001b]0;x\u0007';

async function inBrowser(executablePath: string): Promise<void> {
  const browser = await puppeteer.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  t.teardown(() => browser.close());
  const file = join(t.testdir(), 'report.html');
  await writeFile(file, await hostileReport(t.testdir()));

  await t.test('it is as wide as the screen, asks for nothing and runs nothing', async (t) => {
    for (const width of widths) {
      const { page, asked } = await opened(browser, { file, width, scheme: 'light' });
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
      const { wide, title, headings } = (await page.evaluate('({ wide: document.documentElement.scrollWidth, title: document.title, headings: [...document.querySelectorAll("h1, h2")].map((one) => one.textContent) })')) as { wide: number; title: string; headings: string[] };
      t.equal(wide, width, `no overflow at ${width}`);
      t.not(title, 'ran');
      t.match(headings[0], /2 regressions/);
      t.strictSame(headings.slice(1), ['What broke', 'Scenes', 'Latency', 'History', 'Skipped and known', 'Machine and versions']);
      t.strictSame(asked, [`file://${file}`], 'one request: the file itself');
      await page.close();
    }
  });

  await t.test('the keyboard reaches every fold that is not in a closed one, and opens it', async (t) => {
    const { page } = await opened(browser, { file, width: 800, scheme: 'light' });
    const closed = (await page.evaluate('[...document.querySelectorAll("details")].filter((one) => !one.parentElement.closest("details:not([open])")).length')) as number;
    const reached = new Set<number>();
    for (let press = 0; press < 200 && reached.size < closed; press += 1) {
      await page.keyboard.press('Tab');
      const at = (await page.evaluate('document.activeElement.localName === "summary" ? [...document.querySelectorAll("summary")].indexOf(document.activeElement) : -1')) as number;
      if (at !== -1) reached.add(at);
    }
    t.equal(reached.size, closed);
    await page.evaluate('document.querySelector("details:not([open]) > summary").focus()');
    await page.keyboard.press('Enter');
    t.equal(await page.evaluate('document.activeElement.parentElement.open'), true);
    await page.close();
  });

  await t.test('every text has a contrast of 4.5 to what is behind it, light and dark', async (t) => {
    for (const scheme of schemes) {
      const { page } = await opened(browser, { file, width: 1440, scheme });
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
      t.strictSame(await page.evaluate(pale), [], scheme);
      const paper = (await page.evaluate('getComputedStyle(document.body).backgroundColor')) as string;
      t.equal(paper === 'rgb(255, 255, 255)', scheme === 'light', 'the scheme took effect');
      await page.close();
    }
  });

  await t.test('on paper it is dark on white, with the folds open', async (t) => {
    const { page } = await opened(browser, { file, width: 800, scheme: 'dark' });
    await page.emulateMediaType('print');
    t.equal(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)');
    t.equal(await page.evaluate('getComputedStyle(document.body).color'), 'rgb(0, 0, 0)');
    t.ok(await page.evaluate('document.querySelector("details.scene:not([open]) .protects").checkVisibility({ contentVisibilityAuto: true })'), 'a closed fold is printed');
    await page.close();
  });
}

async function hostileReport(results: string): Promise<string> {
  const measures = [1, 2].map((writers) => ({ operation: 'pwrite' as const, mode: evil, writers, bytes: 4096, ns: [1000, 1001] }));
  const scenes = [
    ...regressed(overtaken).map((scene) => ({ ...scene, measures })),
    ...regressed(warned, { change: { console: Buffer.concat([Buffer.from(`${evil}\nWARNING: ${evil}\n`), Buffer.alloc(1024 * 1024, 'x'), Buffer.from([0, 0xff, 0xfe])]) } }),
  ];
  const dir = await makeRun(results, scenes, {
    series: { label: evil, patches: [{ subject: evil, from: evil }, { subject: 'x'.repeat(5000), from: evil }] }, command: ['run', '--series', evil, 'y'.repeat(5000)],
    kernel: { spec: evil, version: '6.12.107', origin: evil, treeId: 'z'.repeat(500) }, stages: [{ stage: evil, label: evil, ms: 1, reused: true }],
  });
  return writeReport([dir], { root, written: new Date(0), shown: (path) => path });
}

async function opened(browser: Browser, given: { readonly file: string; readonly width: number; readonly scheme: 'light' | 'dark' }): Promise<{ page: Page; asked: string[] }> {
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.setViewport({ width: given.width, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: given.scheme }]);
  await page.goto(`file://${given.file}`);
  return { page, asked };
}

/** Texts whose colour is too near to that behind them (WCAG 2.2, 1.4.3), by class and ratio. */
const pale = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (colour) => {
    const [r, g, b] = channels(colour).map((value) => { const share = value / 255; return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0 && colour !== 'transparent') return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (!own || element.closest('svg')?.contains(element) && element.closest('style')) continue;
    const style = getComputedStyle(element);
    const colour = element.closest('svg') ? (style.fill === 'none' ? style.color : style.fill) : style.color;
    const [high, low] = [light(colour), light(behind(element))].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) found.add(element.localName + '.' + element.getAttribute('class') + ' ' + ratio.toFixed(2));
  }
  return [...found];
})()`;

if (chromium === undefined) t.plan(0, `none of ${probes.join(', ')} is on this machine`);
else await inBrowser(chromium);

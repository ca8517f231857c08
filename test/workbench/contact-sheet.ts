import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { startBrowser } from '../rig/editor/browser.ts';
import { Home } from '../rig/editor/home.ts';

/** One picture of a sheet; without words of its own it is called as its file. */
export interface Picture {
  file: string;
  caption?: string;
}

/** Pictures that are looked at together, and the file to put them into. */
export interface Sheet {
  title: string;
  pictures: readonly (string | Picture)[];
  out: string;
}

const COLUMNS = 3;
const WIDTH = 1920;

/** Puts pictures onto sheets, a PNG for each. */
export async function makeSheets(sheets: readonly Sheet[]): Promise<void> {
  const home = new Home();
  try {
    const browser = await startBrowser(undefined, home);
    try {
      const page = await browser.newPage();
      for (const { title, pictures, out } of sheets) {
        await page.setViewportSize({ width: WIDTH, height: 100 });
        await page.setContent(html(pictures.map(asPicture), title), { waitUntil: 'load' });
        mkdirSync(dirname(out), { recursive: true });
        writeFileSync(out, await page.screenshot({ fullPage: true }));
      }
    } finally {
      await browser.close();
    }
  } finally {
    home.delete();
  }
}

function asPicture(picture: string | Picture): Required<Picture> {
  const { file, caption } = typeof picture === 'string' ? { file: picture, caption: undefined } : picture;
  return { file, caption: caption ?? basename(file, '.png') };
}

function html(pictures: readonly Required<Picture>[], title: string): string {
  const figures = pictures.map(({ file, caption }) => {
    const data = readFileSync(file).toString('base64');
    return `<figure><img src="data:image/png;base64,${data}"><figcaption>${escaped(caption)}</figcaption></figure>`;
  });
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 16px; background: #808080; color: #fff; font: 15px 'DejaVu Sans', sans-serif; }
    main { display: grid; grid-template-columns: repeat(${COLUMNS}, 1fr); gap: 16px; }
    figure { margin: 0; } img { width: 100%; display: block; } figcaption { padding: 4px 0; }
  </style><h1>${escaped(title)}</h1><main>${figures.join('')}</main>`;
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

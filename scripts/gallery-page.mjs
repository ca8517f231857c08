// Part of npm run package: docs/gallery.md as a gallery and the editor show it, far from this repository.
import { posix } from 'node:path';

const PAGE_FOLDER = 'docs';
const IMAGE_OR_LINK = /(!?)\[([^\]]*)\]\(([^)\s]+)\)/g;
const GOES_ANYWHERE = /^(?:https:|#)/;

/** Where the repository is in the web, from package.json. */
export function repositoryAddress({ repository }) {
  return repository.url.replace(/\.git$/, '');
}

/**
 * Makes the page: what is relative to docs/gallery.md leads into the repository.
 * The editor's page of an extension shows pictures from `https:` only. Its sanitizer empties every other `src`: `data:`, and
 * paths, also those of files that are in the package.
 * @param page docs/gallery.md
 * @param manifest package.json
 */
export function galleryPage(page, manifest) {
  const repository = repositoryAddress(manifest);
  return page.replace(IMAGE_OR_LINK, (whole, mark, words, target) => {
    if (GOES_ANYWHERE.test(target)) return whole;
    const path = posix.join(PAGE_FOLDER, target);
    return `${mark}[${words}](${repository}/${mark ? 'raw' : 'blob'}/HEAD/${path})`;
  });
}

// Part of npm run package: the README as a gallery and the editor show it, far from this repository.
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';

/** What stands between these is for readers of the repository. */
const REPOSITORY_ONLY = /<!-- repository -->[\s\S]*?<!-- \/repository -->\n?/g;
const IMAGE = /!\[([^\]]*)\]\(([^)\s]+)\)/g;
const LINK = /(?<!!)\[([^\]]*)\]\(([^)\s]+)\)/g;
const GOES_ANYWHERE = /^https:/;

/**
 * Makes the page: nothing in it leads to a file of the repository, which has no address that a gallery could point to;
 * of such links the words stay. Pictures are within the page.
 * @param readme the README
 * @param read reads a picture by its path in the repository
 */
export function galleryPage(readme, read = readFileSync) {
  return readme
    .replace(REPOSITORY_ONLY, '')
    .replace(LINK, (link, words, target) => (GOES_ANYWHERE.test(target) ? link : words))
    .replace(IMAGE, (image, words, path) =>
      GOES_ANYWHERE.test(path) ? image : `![${words}](${asData(read(path), path)})`,
    );
}

function asData(bytes, path) {
  return `data:image/${extname(path).slice(1)};base64,${bytes.toString('base64')}`;
}

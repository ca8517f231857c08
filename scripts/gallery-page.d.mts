export function galleryPage(readme: string, read?: (path: string) => Buffer): string;

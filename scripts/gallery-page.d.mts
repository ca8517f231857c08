interface Manifest {
  repository: { url: string };
}

export function repositoryAddress(manifest: Manifest): string;
export function galleryPage(page: string, manifest: Manifest): string;

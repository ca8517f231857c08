/**
 * The page in which the activity of a gate is shown. It runs our program and has our style, and loads nothing else.
 * @param addressOf address of a file of the build, for the page
 * @param language of the editor: `de`
 * @param nonce text that nobody can guess, for this page alone
 */
export function activityPage(addressOf: (name: string) => string, language: string, nonce: string): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Knockgate</title>
<link rel="stylesheet" nonce="${nonce}" href="${escaped(addressOf('activity.css'))}">
</head>
<body>
<script nonce="${nonce}" src="${escaped(addressOf('activity.js'))}"></script>
</body>
</html>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

import { posix } from 'node:path';
import ts from 'typescript';

/** Source files by path from the repository's root, with `/`. */
export type Files = ReadonlyMap<string, string>;

/** One import. `to` is a path from the root for our own files, otherwise the module's name as written. */
export interface Import {
  from: string;
  to: string;
  own: boolean;
  /** Gone after compiling: `import type`, or nothing but types between the braces. */
  typeOnly: boolean;
}

/** Every import of every file: static, dynamic, re-exported, in a type, by require. */
export function importsOf(files: Files): Import[] {
  return [...files].flatMap(([from, text]) => {
    const found: Import[] = [];
    const note = (specifier: ts.Node | undefined, typeOnly: boolean) => {
      if (!specifier || !ts.isStringLiteralLike(specifier)) return;
      const own = specifier.text.startsWith('.');
      const to = own ? posix.normalize(posix.join(posix.dirname(from), specifier.text)) : specifier.text;
      found.push({ from, to, own, typeOnly });
    };
    visit(ts.createSourceFile(from, text, ts.ScriptTarget.Latest, true), note);
    return found;
  });
}

function visit(node: ts.Node, note: (specifier: ts.Node | undefined, typeOnly: boolean) => void): void {
  if (ts.isImportDeclaration(node)) note(node.moduleSpecifier, onlyTypes(node.importClause));
  if (ts.isExportDeclaration(node)) note(node.moduleSpecifier, node.isTypeOnly);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) note(node.argument.literal, true);
  if (ts.isExternalModuleReference(node)) note(node.expression, false);
  if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || isRequire(node))) {
    note(node.arguments[0], false);
  }
  ts.forEachChild(node, (child) => visit(child, note));
}

const isRequire = (call: ts.CallExpression) => ts.isIdentifier(call.expression) && call.expression.text === 'require';

function onlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name || !names || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

/** Import cycles, those of types included, each as the list of files that one walks round. */
export function cycles(imports: readonly Import[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to, own } of imports) {
    if (own) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const found: string[][] = [];
  const finished = new Set<string>();
  const walk = (file: string, path: string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file]);
    if (start >= 0 || finished.has(file)) return;
    for (const each of next.get(file) ?? []) walk(each, [...path, file]);
    finished.add(file);
  };
  for (const file of next.keys()) walk(file, []);
  return found;
}

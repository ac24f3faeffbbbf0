/** apk's database of installed packages, lib/apk/db/installed: records of `letter:value` lines (apk-tools, "apk db format"). */

export interface ApkPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
  readonly sourceVersion: string;
}

export const parseApkInstalled = (text: string): ApkPackage[] =>
  text.split(/\n\n+/).flatMap((record) => {
    const fields = new Map(
      record
        .split('\n')
        .flatMap((line) => (line[1] === ':' ? [[line.slice(0, 1), line.slice(2).trim()] as const] : [])),
    );
    const [name, version] = [fields.get('P'), fields.get('V')];
    if (!name || !version) return [];
    const source = fields.get('o') || name;
    return [{ name, version, architecture: fields.get('A') ?? '', source, sourceVersion: version }];
  });

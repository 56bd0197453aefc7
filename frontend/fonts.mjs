// Takes the font of printed documents out of its package: two weights with 30,000 characters each, and their licence.
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, "node_modules", "@expo-google-fonts", "noto-sans-sc");
const out = join(root, "src", "jieli", "lib", "fonts");
const files = {
  "NotoSansSC-Regular.ttf": join("400Regular", "NotoSansSC_400Regular.ttf"),
  "NotoSansSC-Bold.ttf": join("700Bold", "NotoSansSC_700Bold.ttf"),
  "OFL.txt": "LICENSE_FONT",
};

mkdirSync(out, { recursive: true });
for (const [name, file] of Object.entries(files)) {
  const from = join(source, file);
  const to = join(out, name);
  if (existsSync(to) && statSync(to).size === statSync(from).size) continue;
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
  console.log(`${name} ${Math.ceil(statSync(to).size / 1024)} kB`);
}

// Prints how a host would start an unpacked bundle, by the substitution that the official package exports.
// Needs Node.js and that package. Arguments: its folder, the bundle's folder, the user's configuration as JSON, the platform.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [library, extensionPath, userConfig, platform] = process.argv.slice(2);
Object.defineProperty(process, "platform", { value: platform });
const { getMcpConfigForManifest } = await import(pathToFileURL(`${library}/dist/index.js`));
const config = await getMcpConfigForManifest({
  manifest: JSON.parse(readFileSync(`${extensionPath}/manifest.json`, "utf8")),
  extensionPath,
  systemDirs: {},
  userConfig: JSON.parse(userConfig),
  pathSeparator: platform === "win32" ? "\\" : "/",
});
console.log(JSON.stringify(config));

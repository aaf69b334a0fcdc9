import { existsSync, readFileSync } from "node:fs";

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const EMPTY: Report = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

/** `ci-summary <vitest JSON report> <exit code of the check> <exit code of the tests>` prints one line of counts. */
const [file = "", check, tests] = process.argv.slice(2);
const report: Report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : EMPTY;

// A file that does not load has no test that could fail.
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
).length;
let failed = report.numFailedTests + brokenFiles;
if (failed === 0 && tests !== "0") failed += 1;
if (check !== "0") failed += 1;

const skipped = report.numPendingTests + report.numTodoTests;
console.log(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);

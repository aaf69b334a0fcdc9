import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../../scripts/lib/build-assets.ts";
import { projectPath, runMain } from "../../scripts/lib/project.ts";
import { type Dashboard, logIn, startDashboard } from "./dashboard.ts";
import { FLEETS, type Fleet } from "./pictures/fleets.ts";
import { openShooter, type Shooter } from "./pictures/shooter.ts";
import { dialogViews, emptyViews, errorViews, fleetViews, visitorViews } from "./pictures/views.ts";

const FOLDER = projectPath("screenshots");

/**
 * Writes every page and state as PNG, light and dark, wide and narrow, to `screenshots/`, with 1, 40 and 10,000
 * organizations. `--only costs`: just the views whose name contains that.
 */
await runMain(async () => {
  const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
  await build("silent");
  if (values.only === "") await rm(FOLDER, { recursive: true, force: true });
  const problems: string[] = [];
  let count = 0;
  for (const fleet of FLEETS) {
    const startedAt = Date.now();
    const dashboard = await startDashboard({ standalone: true });
    try {
      const shooter = await openShooter(dashboard, { folder: join(FOLDER, fleet.name), only: values.only });
      await mkdir(join(FOLDER, fleet.name), { recursive: true });
      await shootFleet(dashboard, fleet, shooter);
      problems.push(...shooter.problems.map((problem) => `${fleet.name}: ${problem}`));
      count += shooter.count();
    } finally {
      await dashboard.stop();
    }
    console.log(`${fleet.name}: ${Math.round((Date.now() - startedAt) / 1000)} s`);
  }
  console.log(`${count} pictures in ${FOLDER}`);
  if (problems.length > 0) throw new Error(`The browser complained:\n${[...new Set(problems)].join("\n")}`);
});

async function shootFleet(dashboard: Dashboard, fleet: Fleet, shooter: Shooter): Promise<void> {
  if (fleet.name === "1") {
    await shooter.shootAll(visitorViews());
    await shooter.visit("/login", logIn);
    await shooter.shootAll(emptyViews());
  }
  const place = await fleet.fill(dashboard);
  if (fleet.name !== "1") await shooter.visit("/login", logIn);
  await shooter.shootAll(fleetViews(place));
  if (fleet.name !== "40") return;
  await shooter.shootAll(dialogViews(place));
  await shooter.shootAll(errorViews(place, dashboard));
}

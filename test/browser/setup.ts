import { afterEach } from "vitest";
import { closeScreens } from "./dashboard.ts";

afterEach(closeScreens);

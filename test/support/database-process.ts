import { startDatabase } from "./database.ts";

const { url, endpoint, stop } = await startDatabase("pglite");
process.once("disconnect", () => void stop().finally(() => process.exit()));
process.send?.({ url, endpoint });

export const SERVICE_PORT = 3000;
export const DATABASE_PORT = 5432;
export const REDIS_PORT = 6379;

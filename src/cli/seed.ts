export const seedDatabase = async () => 0

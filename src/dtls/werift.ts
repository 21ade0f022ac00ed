import type { DtlsDriver } from './endpoint.ts';

export const weriftDriver: DtlsDriver = {
  name: 'werift',
  create: () => {
    throw new Error('not built yet');
  },
};

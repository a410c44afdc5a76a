package io.jepastream.app.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

final class StoreMemoryTest {
    private static final int STORES = 8;
    private static final int RECORD = 64 << 10;

    @TempDir
    private Path folder;

    @Test
    void manyStores_shareOneBudget() throws RocksDBException {
        RocksDB.loadLibrary();
        List<RocksDB> stores = new ArrayList<>();
        List<Options> all = new ArrayList<>();
        for (int i = 0; i < STORES; i++) {
            Options options = new Options().setCreateIfMissing(true).setWriteBufferSize(16 << 20);
            options.setTableFormatConfig(new BlockBasedTableConfig());
            new StoreMemory().setConfig("store-" + i, options, Map.of());
            all.add(options);
            stores.add(RocksDB.open(options, folder.resolve("store-" + i).toString()));
        }
        try {
            byte[] record = new byte[RECORD];
            new Random(1).nextBytes(record);
            for (int i = 0; i < 1600; i++) { // 100 MB, of which each store alone could keep nearly all that it gets
                stores.get(i % STORES).put(Integer.toString(i).getBytes(UTF_8), record);
            }
            long open = 0; // what is being written to files meanwhile is as large as the disk is slow
            for (RocksDB store : stores) {
                open += store.getLongProperty("rocksdb.cur-size-active-mem-table");
            }
            assertThat(open).isPositive().isLessThan(StoreMemory.BUDGET / 2);
            assertThat(stores.get(0).getLongProperty("rocksdb.block-cache-capacity"))
                    .isEqualTo(StoreMemory.BUDGET);
            assertThat(stores.get(7).getLongProperty("rocksdb.block-cache-usage"))
                    .as("one cache: each store sees what all of them use")
                    .isEqualTo(stores.get(0).getLongProperty("rocksdb.block-cache-usage"));
        } finally {
            stores.forEach(RocksDB::close);
            all.forEach(Options::close);
        }
    }
}

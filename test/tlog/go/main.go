// Reads a log as Go's packages do, and answers in JSON: test/tlog/go.spec.ts runs it.
//
// usage: main FOLDER VERIFIER-KEY OLDER-SIZE OLDER-ROOT < PROOFS
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// proofs are the ones that are to be checked: of inclusion by index, and that the tree extends the older one.
type proofs struct {
	Inclusion   map[int64][]string `json:"inclusion"`
	Consistency []string           `json:"consistency"`
}

func main() {
	if err := check(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("all is well")
}

func check(folder, verifierKey, olderSize, olderRoot string) error {
	verifier, err := note.NewVerifier(verifierKey)
	if err != nil {
		return err
	}
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return fmt.Errorf("note: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	tree, err := treeOf(lines[1], lines[2])
	if err != nil {
		return err
	}
	older, err := treeOf(olderSize, olderRoot)
	if err != nil {
		return err
	}
	var given proofs
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		return err
	}

	tiles := tlog.TileHashReader(tree, reader{folder})
	for index, texts := range given.Inclusion {
		proof, err := hashes(texts)
		if err != nil {
			return err
		}
		entry, err := entryAt(folder, tree.N, index)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("inclusion of %d: %w", index, err)
		}
		made, err := tlog.ProveRecord(tree.N, index, tiles)
		if err != nil {
			return fmt.Errorf("tiles: %w", err)
		}
		if fmt.Sprint(made) != fmt.Sprint(proof) {
			return fmt.Errorf("inclusion of %d: Go makes another proof", index)
		}
	}
	proof, err := hashes(given.Consistency)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(tlog.TreeProof(proof), tree.N, tree.Hash, older.N, older.Hash); err != nil {
		return fmt.Errorf("consistency: %w", err)
	}
	return nil
}

func treeOf(size, root string) (tlog.Tree, error) {
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(root)
	return tlog.Tree{N: n, Hash: hash}, err
}

func hashes(texts []string) (tlog.RecordProof, error) {
	found := tlog.RecordProof{}
	for _, text := range texts {
		hash, err := tlog.ParseHash(text)
		if err != nil {
			return nil, err
		}
		found = append(found, hash)
	}
	return found, nil
}

// entryAt reads the bundle that a tree of this size has: C2SP tlog-tiles, which Go's package does not know.
func entryAt(folder string, size, index int64) ([]byte, error) {
	width := min(256, size-index/256*256)
	path := tlog.Tile{H: 8, L: 0, N: index / 256, W: int(width)}.Path()
	bundle, err := os.ReadFile(filepath.Join(folder, strings.Replace(path, "tile/8/0/", "tile/entries/", 1)))
	if err != nil {
		return nil, err
	}
	for range index % 256 {
		bundle = bundle[2+binary.BigEndian.Uint16(bundle):]
	}
	return bundle[2 : 2+binary.BigEndian.Uint16(bundle)], nil
}

// reader gives tiles from files; Go's paths have the height in them, C2SP's have not.
type reader struct{ folder string }

func (reader) Height() int                                { return 8 }
func (reader) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		bytes, err := os.ReadFile(filepath.Join(r.folder, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		found = append(found, bytes)
	}
	return found, nil
}

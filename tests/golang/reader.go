// The note and tlog packages of golang.org/x/mod behind a pipe: a question a line in JSON, its answer back.
//
// What is asked of them is theirs to decide; only cosignatures, which those packages do not know, are read by code of ours.
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/mldsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Ask   string            `json:"ask"`
	Note  []byte            `json:"note"`
	Keys  []string          `json:"keys"`
	Old   int64             `json:"old"`
	Size  int64             `json:"size"`
	Index int64             `json:"index"`
	Was   tlog.Hash         `json:"was"`
	Root  tlog.Hash         `json:"root"`
	Leaf  tlog.Hash         `json:"leaf"`
	Path  []tlog.Hash       `json:"path"`
	Tiles map[string][]byte `json:"tiles"`
}

type answer struct {
	Refused    string      `json:"refused,omitempty"`
	Text       string      `json:"text,omitempty"`
	Signers    []string    `json:"signers,omitempty"`
	Unverified int         `json:"unverified,omitempty"`
	Hashes     []tlog.Hash `json:"hashes,omitempty"`
	Names      []string    `json:"names,omitempty"`
}

func main() {
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for decoder := json.NewDecoder(in); decoder.More(); {
		var asked question
		if err := decoder.Decode(&asked); err != nil {
			panic(err)
		}
		found, err := asked.answer()
		if err != nil {
			found = answer{Refused: err.Error()}
		}
		if err := out.Encode(found); err != nil {
			panic(err)
		}
	}
}

func (q question) answer() (answer, error) {
	tree := tlog.Tree{N: q.Size, Hash: q.Root}
	hashes := tlog.TileHashReader(tree, files(q.Tiles))
	switch q.Ask {
	case "note":
		return q.open()
	case "inclusion":
		return answer{}, tlog.CheckRecord(q.Path, q.Size, q.Root, q.Index, q.Leaf)
	case "consistency":
		return answer{}, tlog.CheckTree(q.Path, q.Size, q.Root, q.Old, q.Was)
	case "leaf":
		found, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, q.Index)})
		return answer{Hashes: found}, err
	case "root":
		found, err := tlog.TreeHash(q.Old, hashes)
		return answer{Hashes: []tlog.Hash{found}}, err
	case "prove-inclusion":
		found, err := tlog.ProveRecord(q.Size, q.Index, hashes)
		return answer{Hashes: found}, err
	case "prove-consistency":
		found, err := tlog.ProveTree(q.Size, q.Old, hashes)
		return answer{Hashes: found}, err
	case "new-tiles":
		var names []string
		for _, tile := range tlog.NewTiles(8, q.Old, q.Size) {
			names = append(names, tile.Path())
		}
		return answer{Names: names}, nil
	}
	return answer{}, fmt.Errorf("nobody knows what %q asks", q.Ask)
}

func (q question) open() (answer, error) {
	var known []note.Verifier
	for _, key := range q.Keys {
		one, err := verifier(key)
		if err != nil {
			return answer{}, err
		}
		known = append(known, one)
	}
	opened, err := note.Open(q.Note, note.VerifierList(known...))
	if err != nil {
		return answer{}, err
	}
	var signers []string
	for _, one := range opened.Sigs {
		signers = append(signers, one.Name)
	}
	return answer{Text: opened.Text, Signers: signers, Unverified: len(opened.UnverifiedSigs)}, nil
}

// files are tiles of height 8 by their paths.
type files map[string][]byte

func (f files) Height() int { return 8 }

func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		data, ok := f[tile.Path()]
		if !ok {
			return nil, fmt.Errorf("%s is not there", tile.Path())
		}
		found = append(found, data)
	}
	return found, nil
}

// verifier returns Go's own verifier, or ours for a cosignature (C2SP tlog-cosignature).
func verifier(vkey string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	_, text, _ := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) == 0 || (key[0] != 4 && key[0] != 6) {
		return note.NewVerifier(vkey)
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	hash := binary.BigEndian.Uint32(sum[:4])
	if vkey != fmt.Sprintf("%s+%08x+%s", name, hash, text) {
		return nil, errors.New("the key's id is not of the key")
	}
	return cosigner{name, hash, key[0], key[1:]}, nil
}

type cosigner struct {
	name string
	hash uint32
	kind byte
	key  []byte
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) < 8 {
		return false
	}
	at, sig := binary.BigEndian.Uint64(sig), sig[8:]
	if c.kind == 4 {
		signed := append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), msg...)
		return len(c.key) == ed25519.PublicKeySize && ed25519.Verify(c.key, signed, sig)
	}
	lines := strings.SplitN(string(msg), "\n", 4)
	var size uint64
	if _, err := fmt.Sscan(lines[1], &size); err != nil {
		return false
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		return false
	}
	var signed bytes.Buffer
	signed.WriteString("subtree/v1\n\x00")
	signed.WriteByte(byte(len(c.name)))
	signed.WriteString(c.name)
	binary.Write(&signed, binary.BigEndian, at)
	signed.WriteByte(byte(len(lines[0])))
	signed.WriteString(lines[0])
	binary.Write(&signed, binary.BigEndian, []uint64{0, size})
	signed.Write(root)
	public, err := mldsa.NewPublicKey(mldsa.MLDSA44(), c.key)
	return err == nil && mldsa.Verify(public, signed.Bytes(), sig, nil) == nil
}

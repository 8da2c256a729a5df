// SPDX-License-Identifier: Apache-2.0
// The devices that no bus can show. The names in WLOB.. come from a table written at run time.
DefinitionBlock ("", "DSDT", 2, "BULKHD", "BULKHEAD", 1)
{
    External (\WLOB, IntObj) // windows of the VMBus device: low base and length,
    External (\WLOL, IntObj)
    External (\WHIB, IntObj) // high base and length
    External (\WHIL, IntObj)

    Name (\_S5, Package () { 5, 5, 0, 0 })

    Scope (\_SB)
    {
        Device (VMOD)
        {
            Name (_HID, "ACPI0004") // module device
            Name (_UID, Zero)

            Name (WIND, ResourceTemplate ()
            {
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable,
                    ReadWrite, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
                    , , LOWW, AddressRangeMemory, TypeStatic)
                QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable,
                    ReadWrite, 0x00000000, 0x00000000, 0x00000000, 0x00000000, 0x00000000,
                    , , HIWW, AddressRangeMemory, TypeStatic)
            })
            CreateDWordField (WIND, LOWW._MIN, LMIN)
            CreateDWordField (WIND, LOWW._MAX, LMAX)
            CreateDWordField (WIND, LOWW._LEN, LLEN)
            CreateQWordField (WIND, HIWW._MIN, HMIN)
            CreateQWordField (WIND, HIWW._MAX, HMAX)
            CreateQWordField (WIND, HIWW._LEN, HLEN)

            Method (_CRS, 0, Serialized)
            {
                LMIN = \WLOB
                LLEN = \WLOL
                LMAX = \WLOB + \WLOL - 1
                HMIN = \WHIB
                HLEN = \WHIL
                HMAX = \WHIB + \WHIL - 1
                Return (WIND)
            }

            Device (VMBS)
            {
                Name (_HID, "MSFT1000")
                Name (_CID, "VMBus")
                Name (_DDN, "VMBUS")
                Name (_UID, Zero)
                Name (_STA, 0x0F)
                Method (_PS0, 0, NotSerialized) { }
                Method (_PS3, 0, NotSerialized) { }
                Name (_CRS, ResourceTemplate () { }) // old drivers want to see one
            }
        }

        Device (COM1)
        {
            Name (_HID, EisaId ("PNP0501"))
            Name (_UID, One)
            Name (_CRS, ResourceTemplate ()
            {
                IO (Decode16, 0x03F8, 0x03F8, 0x01, 0x08)
                IRQNoFlags () { 4 }
            })
        }
    }
}
